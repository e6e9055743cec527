perl -e 'my %h; $h{$_ * 7919 % 10007} .= "x" for 1 .. 60000; my $n = 0; $n += length for values %h; print scalar(keys %h), " $n\n"'
