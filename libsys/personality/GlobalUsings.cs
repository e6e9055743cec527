// Linux' numbers, which the servers use too.
global using Libsys.Linux;
