# SPDX-License-Identifier: GPL-2.0
#
# make            modules for KDIR, and the tool
# make demo       build, boot a VM, run the main job, show each tier's share
# make check      every test that belongs in CI
# make lint       the static gates
# make bench      the performance tables
# make vm         a shell in the VM, modules loaded, a simulated PNIC up
# make install    modules, tool, manual page, completion (DESTDIR, PREFIX)
# make clean      removes what was built in this tree
#
# KDIR    what the modules are built against: the running kernel's headers,
#         or else those of the default test kernel
# KERNEL  the kernel of "make vm" (6.1), those of "make check" (uml-debug 6.1
#         6.12 arm64 uml)

vm := selftests/vm

# Asked for only where modules are built: it may download the test kernel.
KDIR ?= $(eval KDIR := $(call find_kdir))$(KDIR)
find_kdir = $(or $(realpath /lib/modules/$(shell uname -r)/build), \
	$(shell $(vm)/kernel 6.1)/build)

# What takes longest begins first.
check_kernels := $(or $(KERNEL),uml-debug 6.1 6.12 arm64 uml)

all: modules tool

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:
	$(MAKE) -C tools/pnicfw

setup:
	$(vm)/setup

demo: setup
	selftests/demo/run

check: setup
	selftests/run $(check_kernels:%=--kernel %)

lint: setup
	scripts/lint

bench: setup
	selftests/bench/run

vm: setup
	$(vm)/run --kernel $(or $(KERNEL),6.1) --timeout 86400 --interactive -- \
		$(vm)/shell

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		CONFIG_MODULE_SIG_ALL= modules_install
	$(MAKE) -C tools/pnicfw install

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools/pnicfw clean

.PHONY: all modules tool setup demo check lint bench vm install clean
