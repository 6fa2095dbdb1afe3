# bench/core and bench/worst, compiled as the module is by script/build, with one
# JSON reader.
#
#   make -f bench/core.mk JSON=NAME    build/bench/{core,worst}-NAME, of
#                                      json_NAME.c

JSON := jansson

# not those of the environment: bench/instructions was recorded with these
CC := gcc
CFLAGS := -g -O2 -fstack-protector-strong -fPIC -D_FORTIFY_SOURCE=2
CPPFLAGS :=
LDFLAGS := -Wl,-z,relro -Wl,-z,now

readers := jansson yyjson

core := ngx_http_pintag_module/core
out := build/bench/core
programs := $(patsubst %,build/bench/%-$(JSON),core worst)

override CFLAGS += -Wall -Wextra -Wno-unused-parameter -Werror
override CPPFLAGS += -I$(core) -MMD -MP

LIBS := -l$(JSON) -lyaml -lcrypto -lz -lm

srcs := $(filter-out $(readers:%=$(core)/json_%.c),$(wildcard $(core)/*.c))    \
    $(core)/json_$(JSON).c

objs := $(srcs:$(core)/%.c=$(out)/%.o) $(out)/request-$(JSON).o

worst := worst worst_body worst_cases


all: $(programs)

build/bench/core-$(JSON): $(objs) $(out)/core-$(JSON).o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# jansson is what it measures with, too
build/bench/worst-$(JSON): $(objs) $(worst:%=$(out)/%-$(JSON).o)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -ljansson

$(out)/request-jansson.o: override CPPFLAGS += -DBENCH_JANSSON

$(out)/%-$(JSON).o: bench/%.c $(out)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(out)/%.o: $(core)/%.c $(out)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# rewritten only when the compiler or its flags change, which then rebuilds all
$(out)/flags: force
	@mkdir -p $(out)
	@{ $(CC) --version; echo '$(CFLAGS)'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

.PHONY: all force
force:

-include $(wildcard $(out)/*.d)
