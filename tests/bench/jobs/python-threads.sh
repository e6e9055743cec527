python3 -c '
import queue, threading
numbers, sums = queue.Queue(50), queue.Queue()
def work():
    total = 0
    while (number := numbers.get()) is not None: total += number
    sums.put(total)
threads = [threading.Thread(target=work) for i in range(4)]
for thread in threads: thread.start()
for i in range(6000): numbers.put(i)
for thread in threads: numbers.put(None)
for thread in threads: thread.join()
print(sum(sums.get() for thread in threads))'
