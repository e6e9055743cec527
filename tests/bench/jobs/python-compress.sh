python3 -c '
import zlib, bz2
data = open("/usr/lib/python3.11/argparse.py", "rb").read() * 3
for module in zlib, bz2:
    packed = module.compress(data)
    print(len(packed), module.decompress(packed) == data)'
