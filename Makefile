# Everything that is built goes below .build; each rule runs only when one of its inputs is newer.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

out     := .build
image   := $(out)/bin/Image/release/image
benchmark := $(out)/bin/Benchmark/release_linux-x64/benchmark
compile := dotnet msbuild -restore -nodeReuse:false -v:q -nologo '-clp:NoSummary;ErrorsOnly'

# Files and folders (for deletions) of the given source folders, without what is not compiled.
sources = $(shell find $(wildcard $(1)) \( -type d -o -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.ld' -o -name '*.txt' \) -print)
common  := $(wildcard Directory.*.props Directory.*.targets .editorconfig) $(wildcard libsys/NoRuntime*)
abi     := $(call sources,libsys/abi)

.PHONY: build solution image-tool linux-kernel setup run test bench jobs faults fault-throughput counts order profile clean
bare := $(patsubst %.csproj,%,$(notdir $(wildcard tests/programs/bare/*/*.csproj)))
managed := $(patsubst %.csproj,%,$(notdir $(wildcard tests/programs/managed/*/*.csproj)))
build: $(out)/kernel.elf $(out)/kernel-counting.elf $(out)/kernel-tests.elf $(out)/servers.stamp $(out)/symbols.stamp $(bare:%=$(out)/programs/%) $(managed:%=$(out)/programs/%) $(out)/programs/Bench $(out)/personality-tests

image-tool: $(image)

# Debian's Linux, the reference system, below .build; with the tool enough for SYSTEM=linux.
linux-kernel: | setup
	@build/linux-kernel.sh

# A shell on this terminal; ^A x leaves. ./run does the same and takes variables.
run:
	@./run

# All tests; the last line is `N passed, N failed`. A build that fails is one failed test.
test: image-tool
	@$(MAKE) --no-print-directory build linux-kernel || { echo "0 passed, 1 failed"; exit 1; }
	@$(image) test

# Linux calls, and programs on disks, on this system and on Linux, in turns: out/bench and the tables of docs/performance.md. ROWS=part,part for some of
# them, BOOTS=n; CPUS=n for those of disks.
bench: build linux-kernel $(benchmark)
	@$(benchmark) $(if $(ROWS),--rows '$(ROWS)') $(if $(BOOTS),--boots $(BOOTS)) $(if $(CPUS),--cpus $(CPUS))

# Whole programs of Debian on both systems, in turns: tests/bench/jobs. JOBS=part,part for some of them, BOOTS=n, CPUS=n.
jobs: build linux-kernel $(benchmark)
	@$(benchmark) jobs --rows '$(JOBS)' --boots $(or $(BOOTS),1) --cpus $(or $(CPUS),2)

# Faults of drivers under programs at work: out/faults. N=number, SEED=number, SERVERS=name,name, KINDS=name,name, CPUS=n.
faults: build $(benchmark)
	@$(benchmark) faults --count $(or $(N),1000) $(if $(SEED),--seed $(SEED)) $(if $(SERVERS),--servers '$(SERVERS)') $(if $(KINDS),--kinds '$(KINDS)') $(if $(CPUS),--cpus $(CPUS))

# What is left of a disk's throughput while its driver is killed every 2 s and every 100 ms. SECONDS=n, ROUNDS=n, CPUS=n.
fault-throughput: build $(benchmark)
	@$(benchmark) fault-throughput $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(CPUS),--cpus $(CPUS))

# Measures the instruction counts that `make test` guards, and writes their file anew.
counts: build
	@$(image) counts

# Instructions of one operation by program and function.
profile: build
	@$(image) profile $(if $(STEPS),--steps )'$(ROWS)'

# Profiles the operations that `make counts` measures (10 min), and writes the order of functions for the compiler: function-order.txt of the programs.
order: build
	@$(image) order

# Debian packages; quick when none is missing.
setup:
	@build/setup.sh

# All projects that there are, for an IDE.
solution:
	@{ echo '<Solution>'; find * -name '*.csproj' | sort | sed 's:.*:  <Project Path="&" />:'; echo '</Solution>'; } > Microkernel.slnx

clean:
	rm -rf $(out)

# The build tool itself. The product is touched because the compiler leaves it alone when nothing in it changed.
$(image): $(common) $(abi) $(call sources,image microkernel/Layout) | setup
	@$(compile) image/Image.csproj
	@touch $@

# What `make bench` is beside it.
$(benchmark): $(image) $(call sources,tests/bench)
	@$(compile) tests/bench/Benchmark.csproj
	@touch $@

# C# without a runtime.
$(out)/native/Microkernel.o: $(common) $(abi) $(call sources,libsys/corelib) $(filter-out microkernel/tests%,$(call sources,microkernel))
	@$(compile) microkernel/Microkernel.csproj
	@touch $@

$(out)/native/Personality.o: $(common) $(abi) $(call sources,libsys/corelib libsys/personality libsys/linux libsys/rings libsys/messages)
	@$(compile) libsys/personality/Personality.csproj
	@touch $@

# Machine code that C# cannot express.
$(out)/stubs/%.o: $(image)
	@$(image) generate $* $@
	@touch $@

$(out)/vdso.so: $(image) $(out)/stubs/vdso.o
	@$(image) link vdso --output $@ $(filter %.o,$^)

$(out)/personality.elf: $(image) $(out)/native/Personality.o $(out)/stubs/personality.o $(out)/vdso.so
	@$(image) link personality --output $@ --vdso $(out)/vdso.so $(filter %.o,$^)
	@$(image) verify personality $@

# The kernel's own tests: an image of their own in place of the personality.
$(out)/native/KernelTests.o: $(common) $(abi) $(call sources,libsys/corelib microkernel/tests)
	@$(compile) microkernel/tests/KernelTests.csproj
	@touch $@

$(out)/kernel-tests-image.elf: $(image) $(out)/native/KernelTests.o $(out)/stubs/kernel-tests.o
	@$(image) link personality --output $@ $(filter %.o,$^)

$(out)/kernel-tests.elf: $(image) $(out)/native/Microkernel.o $(out)/stubs/kernel.o $(out)/kernel-tests-image.elf
	@$(image) link kernel --output $@ --personality $(out)/kernel-tests-image.bin $(filter %.o,$^)
	@$(image) verify kernel $@

$(out)/kernel.elf: $(image) $(out)/native/Microkernel.o $(out)/stubs/kernel.o $(out)/personality.elf
	@$(image) link kernel --output $@ --personality $(out)/personality.bin $(filter %.o,$^)
	@$(image) verify kernel $@

# The product's objects once more, with functions before those that are counted: for `make bench`.
$(out)/kernel-counting.elf: $(image) $(out)/native/Microkernel.o $(out)/stubs/kernel.o $(out)/stubs/counting.o $(out)/personality.elf
	@$(image) link kernel --counting --output $@ --personality $(out)/personality.bin $(filter %.o,$^)
	@$(image) verify counting $@

# A Linux program that tests the personality; it runs on Linux too.
$(out)/native/PersonalityTests.o: $(common) $(abi) $(call sources,libsys/corelib libsys/personality-tests)
	@$(compile) libsys/personality-tests/PersonalityTests.csproj
	@touch $@

$(out)/personality-tests: $(image) $(out)/native/PersonalityTests.o $(out)/stubs/personality-tests.o
	@$(image) link program --output $@ $(filter %.o,$^)

# Servers: one script publishes those whose inputs changed in content.
$(out)/servers.stamp: $(common) $(abi) $(call sources,servers tests/servers libsys/hosting libsys/linux libsys/rings libsys/messages) build/publish-servers.sh $(out)/stubs/hosting.o
	@build/publish-servers.sh
	@touch $@

# Names and source lines for crash reports, from the servers' debug information.
$(out)/symbols.stamp: $(image) $(out)/servers.stamp $(out)/personality.elf
	@$(image) symbols --output $(out)/symbols $(out)/personality.elf $(out)/publish/*/*.dbg
	@touch $@

# The Linux program that `make bench` runs on both systems: a stock static .NET program.
$(out)/programs/Bench: $(common) $(abi) $(call sources,libsys/bench) $(out)/stubs/hosting.o tests/programs/managed/StaticProgram.props
	@dotnet publish libsys/bench/Bench.csproj -nodeReuse:false -v q --nologo '-clp:NoSummary;ErrorsOnly'
	@mkdir -p $(@D) && cp $(out)/publish/Bench/Bench $@

# Linux programs in C# without a runtime, for tests.
define bare_program
$(out)/native/$(1).o: $(common) $(abi) $(call sources,libsys/corelib tests/programs/bare)
	@$(compile) tests/programs/bare/$(1)/$(1).csproj
	@touch $$@
endef
$(foreach program,$(bare),$(eval $(call bare_program,$(program))))

# Stock .NET programs for tests, static.
define managed_program
$(out)/programs/$(1): $(common) $(call sources,tests/programs/managed/$(1)) tests/programs/managed/StaticProgram.props
	@dotnet publish tests/programs/managed/$(1)/$(1).csproj -nodeReuse:false -v q --nologo '-clp:NoSummary;ErrorsOnly'
	@mkdir -p $$(@D) && cp $(out)/publish/$(1)/release_linux-x64/$(1) $$@
endef
$(foreach program,$(managed),$(eval $(call managed_program,$(program))))

$(out)/programs/%: $(image) $(out)/native/%.o $(out)/stubs/program.o
	@$(image) link program --output $@ $(filter %.o,$^)

.SECONDARY:
