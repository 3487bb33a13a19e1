# SPDX-License-Identifier: GPL-2.0
#
# make            modules for KDIR, and the tool
# make demo       build, boot a VM, run the main job, show each tier's share
# make check      every test that belongs in CI
# make lint       the static gates
# make bench      the performance tables
# make vm         a shell in the VM, modules loaded, a simulated PNIC up
# make install    modules, tool, manual page, completion (DESTDIR, PREFIX)
# make clean      removes what was built here

vm := selftests/vm

# The running kernel's headers or else those of the default test kernel
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	  $(shell $(vm)/kernel 6.1)/build)

all: modules tool

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:
	$(MAKE) -C tools/pnicfw

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools/pnicfw clean

.PHONY: all modules tool clean
