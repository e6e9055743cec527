perl -ne '$w{lc $1}++ while /(\w+)/g; END { print "$_ $w{$_}\n" for (sort { $w{$b} <=> $w{$a} || $a cmp $b } keys %w)[0 .. 9] }' /usr/lib/python3.11/*.py
