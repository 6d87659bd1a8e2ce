#include "app/memory.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "core/break.h"
#include "device/room.h"

struct keel_memory_page {
	_Atomic uint32_t turn; /* the newest whole copy is copy[turn % 2]; 0: none yet */
	uint32_t size;         /* of the copies: another program's are not ours */
	_Atomic uint64_t done[KEEL_MEMORY_MESSAGES]; /* see keel_memory_done */
	_Atomic uint64_t deletions;
	uint8_t copy[2][KEEL_MEMORY_MAX];
};
_Static_assert(sizeof(struct keel_memory_page) <= KEEL_MEMORY_SIZE, "the page holds both copies");

struct keel_memory_page *keel_memory_open(int fd)
{
	void *page = mmap(NULL, KEEL_MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return page == MAP_FAILED ? NULL : page;
}

bool keel_memory_load(const struct keel_memory_page *page, void *memory, size_t n)
{
	if (page == NULL || n > KEEL_MEMORY_MAX)
		return false;
	uint32_t turn = atomic_load_explicit(&page->turn, memory_order_acquire);
	if (turn == 0 || page->size != n)
		return false;
	memcpy(memory, page->copy[turn % 2], n);
	return true;
}

void keel_memory_save(struct keel_memory_page *page, const void *memory, size_t n)
{
	if (page == NULL || keel_broken("memory-lost") || n == 0 || n > KEEL_MEMORY_MAX)
		return;
	uint32_t turn = atomic_load_explicit(&page->turn, memory_order_relaxed) + 1;
	turn += turn == 0; /* 0 stays "none yet" */
	if (page->size != n)
		atomic_store_explicit(&page->turn, 0, memory_order_release);
	page->size = (uint32_t)n;
	memcpy(page->copy[turn % 2], memory, n);
	atomic_store_explicit(&page->turn, turn, memory_order_release);
}

uint64_t keel_memory_done(const struct keel_memory_page *page, size_t message)
{
	return page == NULL || keel_broken("memory-lost") ? 0 : atomic_load(&page->done[message]);
}

void keel_memory_set_done(struct keel_memory_page *page, size_t message, uint64_t number)
{
	if (page != NULL)
		atomic_store(&page->done[message], number);
}

uint64_t keel_memory_deletions(const struct keel_memory_page *page)
{
	return page == NULL ? 0 : atomic_load(&page->deletions);
}

void keel_memory_set_deletions(struct keel_memory_page *page, uint64_t deletions)
{
	if (page != NULL)
		atomic_store(&page->deletions, deletions);
}
