# Read by interactive bash.
. /etc/shrc
