python3 -c '
import os
files = bytes = 0
for path, folders, names in os.walk("/usr/lib/python3.11"):
    for name in names:
        files += 1
        bytes += os.lstat(os.path.join(path, name)).st_size
print(files, bytes)'
