python3 -c '
import json
rows = [{"number": i, "name": "row %d" % i, "values": list(range(i % 20))} for i in range(3000)]
text = json.dumps(rows)
print(len(text), json.loads(text) == rows)'
