// Arguments of native calls are blittable: no marshalling code is wanted, and a type that needed it should not compile.
[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
