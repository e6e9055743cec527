python3 -c '
import subprocess
print(sum(int(subprocess.run(["/bin/echo", str(i)], capture_output=True).stdout) for i in range(40)))'
