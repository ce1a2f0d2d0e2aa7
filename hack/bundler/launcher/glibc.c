/* What Debian's static libraries want of a newer glibc than Velero's image has, in terms of an older one. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

/* libstdc++'s random_device asks for glibc 2.36's. */
uint32_t arc4random(void)
{
    uint32_t value;
    if (getrandom(&value, sizeof value, 0) != sizeof value) {
        abort();
    }
    return value;
}

/* glibc 2.35 has a faster hypot under the same name; the linker's --wrap=hypot leads here. */
double hypot_of_2_2_5(double x, double y);
__asm__(".symver hypot_of_2_2_5, hypot@GLIBC_2.2.5");

double __wrap_hypot(double x, double y)
{
    return hypot_of_2_2_5(x, y);
}

/* A thread that outlives the interpreter must not run on. glibc's way to end it needs libgcc_s.so.1, which may not be
   there, and aborts the process then. Python 3.14 lets such a thread hang until the process ends; so does this. */
void __wrap_pthread_exit(void *result)
{
    (void)result;
    for (;;) {
        pause();
    }
}

/* libgcc's unwinder finds a function's frame description by glibc 2.35's _dl_find_object. */
struct search {
    uintptr_t address;
    struct dl_find_object *result;
};

static int look_into(struct dl_phdr_info *object, size_t size, void *data)
{
    (void)size;
    struct search *search = data;
    void *frames = NULL;
    int found = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_GNU_EH_FRAME) {
            frames = (void *)start;
        } else if (header->p_type == PT_LOAD && search->address - start < header->p_memsz) {
            found = 1;
            search->result->dlfo_map_start = (void *)start;
            search->result->dlfo_map_end = (void *)(start + header->p_memsz);
        }
    }
    if (!found || frames == NULL) {
        return 0;
    }
    search->result->dlfo_flags = 0;
    search->result->dlfo_link_map = NULL;
    search->result->dlfo_eh_frame = frames;
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *result)
{
    struct search search = {(uintptr_t)address, result};
    return dl_iterate_phdr(look_into, &search) ? 0 : -1;
}
