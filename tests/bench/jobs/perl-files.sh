perl -e 'for my $i (1 .. 400) { open my $f, ">", "f$i" or die; print $f "line $_\n" for 1 .. 20; close $f }
my $n = 0; for my $i (1 .. 400) { open my $f, "<", "f$i" or die; $n += length while <$f>; unlink "f$i" } print "$n\n"'
