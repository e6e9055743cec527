python3 -c '
import random
random.seed(1)
words = ["%09d" % random.randrange(10 ** 9) for i in range(60000)]
words.sort()
print(words[0], words[-1])'
