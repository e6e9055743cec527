python3 -c '
import re
text = open("/usr/lib/python3.11/argparse.py").read()
print(len(re.findall(r"\bdef (\w+)\(self(?:, \w+)*\)", text)), len(re.sub(r"\s+", " ", text)))'
