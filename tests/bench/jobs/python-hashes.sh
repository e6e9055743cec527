python3 -c '
import hashlib
block = bytes(range(256)) * 256
for name in "md5", "sha1", "sha256", "blake2b":
    state = hashlib.new(name)
    for i in range(40): state.update(block)
    print(name, state.hexdigest())'
