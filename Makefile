# Everything runs with Go alone.
BINARY  := bin/steampipe-plugin-ctcw
VERSION ?= dev

# No C compiler is needed, and what is built for one target serves the others.
export CGO_ENABLED = 0

# Where Steampipe looks for plugins and connections.
STEAMPIPE_INSTALL_DIR ?= $(HOME)/.steampipe
PLUGIN_DIR := $(STEAMPIPE_INSTALL_DIR)/plugins/local/ctcw
CONFIG_DIR := $(STEAMPIPE_INSTALL_DIR)/config

# Where the command ctcw goes; it has to be on PATH.
BIN_DIR ?= $(HOME)/.local/bin

.PHONY: build demo test e2e install lint clean

build:
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) .

# The sample organization has alarms and errors, which is what the exit codes 1 and 2 say.
demo: build
	$(BINARY) check --demo --matrix --only alarm,error cis_v200 || [ $$? -le 2 ]

test:
	go test ./...

# In the real Steampipe and Powerpipe, where both are on PATH and the user is not root.
e2e:
	go test -count=1 -v -run TestInSteampipeAndPowerpipe ./ctcw/tests/e2e

# About six minutes; docs/performance.md says what it measures, and how to measure a part.
bench: build
	go run ./ctcw/tests/bench -binary $(BINARY)

# An existing ctcw.spc is the user's own and is kept.
install: build
	mkdir -p "$(PLUGIN_DIR)" "$(CONFIG_DIR)"
	cp $(BINARY) "$(PLUGIN_DIR)/.ctcw.plugin.new"
	mv -f "$(PLUGIN_DIR)/.ctcw.plugin.new" "$(PLUGIN_DIR)/ctcw.plugin"
	mkdir -p "$(BIN_DIR)"
	ln -sf "$(PLUGIN_DIR)/ctcw.plugin" "$(BIN_DIR)/ctcw"
	test -e "$(CONFIG_DIR)/ctcw.spc" || cp config/ctcw.spc "$(CONFIG_DIR)/ctcw.spc"
	@case ":$$PATH:" in *":$(BIN_DIR):"*) ;; *) echo "Put $(BIN_DIR) on PATH to use the command ctcw, or set BIN_DIR." ;; esac

lint:
	.ci/lint

clean:
	rm -rf bin
