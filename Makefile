# `make help` lists what there is. Everything is set up by what it needs: no other step is.
PYTHON ?= /usr/bin/python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
OUT := out
# Tests start the program hundreds of times: what Python compiled once is kept, whatever the caller
# says.
export PYTHONDONTWRITEBYTECODE :=
# Of pytest-xdist: a worker for each core, as an emulated machine uses one; who is done early takes
# over from others. Each worker needs the memory of a build.
WORKERS := --numprocesses auto --maxprocesses 4 --dist worksteal
TESTS := tests/tools tests/build tests/boot

# What a Debian host needs: Python's venv, the distribution's own tools, QEMU to boot the result, and
# what tests read results back with. Which program each holds stands in src/appliance/host/tools.py.
PACKAGES := python3 python3-venv apt dpkg gpgv tar zstd uidmap e2fsprogs dosfstools mtools fdisk \
    passt slirp4netns \
    util-linux grub-common grub-pc-bin grub-efi-amd64-bin qemu-utils qemu-system-x86 ovmf \
    openssh-client openssl debian-archive-keyring gnupg libcap2-bin dnf rpm createrepo-c xz-utils \
    policycoreutils xfsprogs kmod lvm2 btrfs-progs cryptsetup-bin squashfs-tools erofs-utils \
    libvirt-clients libvirt-daemon \
    libvirt-daemon-driver-qemu bzip2 7zip libvmdk-utils libvhdi-utils bmap-tools genisoimage mawk virt-v2v \
    xen-utils qemu-user libxml2-utils mount passwd procps gawk git groff-base skopeo unzip nbdkit \
    libnbd-bin shellcheck tzdata parted gdisk fish zsh \
    chromium curl fonts-dejavu-core debsecan libatomic1 systemd
# What a Fedora host, or one of its derivatives, needs for the same.
RPM_PACKAGES := python3 python3-pip dnf5 rpm gnupg2 tar zstd xz shadow-utils e2fsprogs dosfstools \
    passt slirp4netns \
    mtools util-linux qemu-img qemu-system-x86 edk2-ovmf openssh-clients openssl libcap policycoreutils \
    xfsprogs kmod lvm2 btrfs-progs cryptsetup squashfs-tools erofs-utils libvirt-client libvirt-daemon-driver-qemu virt-v2v \
    xen-runtime apt dpkg debian-keyring grub2-tools grub2-pc-modules grub2-efi-x64-modules bzip2 \
    createrepo_c dash diffutils findutils gawk genisoimage git-core groff-base gzip hostname libnbd \
    libvirt-daemon libxml2 mawk nbdkit procps-ng qemu-user rpm-build rpm-sign skopeo unzip \
    ShellCheck tzdata parted gdisk fish zsh \
    chromium curl dejavu-sans-fonts libatomic systemd

.DEFAULT_GOAL := help
.PHONY: help
help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: aos
aos: setup ## build the AOS, prove that it boots and lets you in, say what to type next
	@scripts/aos $(OUT)

.PHONY: setup
setup: $(VENV)/.installed ## install what is missing: Debian packages and .venv

$(VENV)/.installed: pyproject.toml appliance-imgcreate/pyproject.toml Makefile scripts/install-packages
	@scripts/install-packages "$(SUDO)" "$(RPM_PACKAGES)" $(PACKAGES)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[development]' --editable ./appliance-imgcreate
	@touch $@

.PHONY: check
check: setup ## format, lint, types, the house rules, unit tests: half a minute
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target pure asking style

# Of two processes of pytest each reads only its half: pytest-xdist's workers would read all twice,
# and tell of each of thousands of tests, which takes as long as the tests.
ASKING := tests/unit/backends tests/unit/cli tests/unit/host tests/unit/intake \
    tests/unit/packages tests/unit/store

.PHONY: style pure asking
style:
	$(BIN)/ruff format --check src appliance-imgcreate tests bench docs
	$(BIN)/ruff check src appliance-imgcreate tests bench docs
	$(BIN)/mypy
	$(BIN)/python -m docs.generate --check

pure:
	$(BIN)/python -m pytest tests/unit $(ASKING:%=--ignore=%) --quiet -p no:xdist

asking:
	$(BIN)/python -m pytest $(ASKING) --quiet -p no:xdist

.PHONY: test
test: check ## check, then real tools, real builds and real boots: about 20 minutes
	$(BIN)/python -m pytest $(TESTS) -m 'not slow and not xen' $(WORKERS)

.PHONY: test-all
test-all: check ## everything there is but Xen, without a limit
	$(BIN)/python -m pytest tests/tools tests/build tests/boot -m 'not xen' $(WORKERS)

.PHONY: test-xen
test-xen: setup ## Debian's Xen under QEMU starts the AOS as PV and as PVH guest
	$(BIN)/python -m pytest tests/boot/test_xen.py

.PHONY: corpus
corpus: setup ## which kickstarts below $$APPLIANCE_KICKSTARTS are understood, and why others are not
	$(BIN)/python -m tests.corpus "$(APPLIANCE_KICKSTARTS)"

.PHONY: bench
bench: setup ## time builds on this machine, against mkosi where there is one; filesystems; formats
	$(BIN)/python bench/build.py
	$(BIN)/python bench/filling.py
	$(BIN)/python bench/converting.py
	$(BIN)/python bench/packing.py

.PHONY: bench-original
bench-original: setup ## time builds against the original appliance-creator, where there is one
	$(BIN)/python bench/original.py

.PHONY: docs
docs: setup ## write the reference manual from the code
	$(BIN)/python -m docs.generate

.PHONY: pictures
pictures: setup ## build appliances, and make the pictures of the documentation from their reports
	$(BIN)/python -m docs.pictures $(OUT)/pictures

.PHONY: golden
golden: setup ## write the golden plans anew; look at their diff
	GOLDEN=1 $(BIN)/python -m pytest tests/unit --quiet -k "golden or fixture_plans or family_plans"

.PHONY: deb
deb: setup ## build the Debian package
	@scripts/make-deb $(OUT)/packages

.PHONY: rpm
rpm: setup ## build the RPM package
	@scripts/make-rpm $(OUT)/packages

.PHONY: clean
clean: ## remove what was made here; the store stays
	rm -rf $(VENV) $(OUT) build src/*.egg-info
