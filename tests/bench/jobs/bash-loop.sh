total=0; for ((i = 0; i < 30000; i++)); do total=$(((total * 31 + i) % 65521)); done; echo $total
