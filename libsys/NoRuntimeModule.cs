// Compiled into every image without a runtime. Zeroing locals costs time on every entry and makes the compiler
// use vector registers, which belong to the interrupted program.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
