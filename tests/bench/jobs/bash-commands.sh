for i in $(seq 120); do /bin/true; done; for i in $(seq 60); do x=$(echo $i); y=$((y + x)); done; echo $y
