/*
 * xen.h - the paravirtual interface: Xen's for x86_32 without PAE.
 *
 * Job:    the numbers and structures that a para guest and this monitor
 *         agree on, as both read them.
 * Parts:  hypercall numbers (hypercalls.def); segments and addresses; traps
 *         and callbacks; page tables; events; time; console; start of day.
 *
 * The facts are those of Xen's public headers (xen.h, arch-x86/xen-x86_32.h,
 * event_channel.h, sched.h, vcpu.h, memory.h, version.h, io/console.h,
 * elfnote.h). Words of the guest are uint32_t, so that any host lays the
 * structures out alike. docs/PARAVIRT.md says what is done and what is not.
 */
#ifndef RINGSIDE_XEN_H
#define RINGSIDE_XEN_H

#include <stdint.h>

/* ----------------------------------------------------------- hypercalls */

#define XEN_HYPERCALL_VECTOR 0x82
enum xen_hypercall {
#define HYPERCALL(number, id, ...) XEN_##id = number,
#include "hypercalls.def"
#undef HYPERCALL
};
#define XEN_HYPERCALL_STUB 32 /* bytes of the hypercall page for each */

/* Errors, negative in EAX. */
enum xen_errno {
    XEN_EPERM = 1,
    XEN_ENOENT = 2,
    XEN_ESRCH = 3,
    XEN_EFAULT = 14,
    XEN_EBUSY = 16,
    XEN_EEXIST = 17,
    XEN_EINVAL = 22,
    XEN_ENOSPC = 28,
    XEN_ENOSYS = 38,
    XEN_ETIME = 62,
};

#define XEN_DOMID_SELF 0x7ff0u

/* ------------------------------------------------ segments and addresses */

#define XEN_FLAT_RING1_CS 0xe019u
#define XEN_FLAT_RING1_DS 0xe021u
#define XEN_FLAT_RING3_CS 0xe02bu
#define XEN_FLAT_RING3_DS 0xe033u
#define XEN_FLAT_LIMIT_PAGES 0xfc3ffu /* the last: the M2P list's end */
#define XEN_FIRST_RESERVED_SELECTOR 0xe000u
#define XEN_GDT_FRAMES 14u /* of the guest's; the next are reserved */
#define XEN_LDT_FRAMES 16u
/* The hole: the machine-to-physical list, readable, then the monitor. */
#define XEN_VIRT_START 0xfc000000u
#define XEN_M2P_END 0xfc400000u

/* --------------------------------------------------- traps and callbacks */

struct xen_trap_info { /* set_trap_table: an array, ended by address 0 */
    uint8_t vector;
    uint8_t flags; /* bits 1:0 DPL; XEN_TI_MASK_EVENTS */
    uint16_t cs;
    uint32_t address;
};
#define XEN_FAST_TRAP 0x80   /* may lead from ring 3 to ring 1 directly */
#define XEN_TI_MASK_EVENTS 4 /* enter with events masked */

struct xen_callback {
    uint32_t cs, eip;
};
enum xen_callback_type { XEN_CALLBACK_EVENT, XEN_CALLBACK_FAILSAFE };
struct xen_callback_register {
    uint16_t type, flags;
    struct xen_callback address;
};
#define XEN_CALLBACK_MASK_EVENTS 1
struct xen_callback_unregister {
    uint16_t type, unused;
};
enum { XEN_CALLBACKOP_REGISTER, XEN_CALLBACKOP_UNREGISTER };

/* ----------------------------------------------------------- page tables */

struct xen_mmu_update {
    uint64_t ptr; /* machine address of the entry; low 2 bits: command */
    uint64_t val;
};
enum xen_mmu_command {
    XEN_MMU_NORMAL_PT_UPDATE,
    XEN_MMU_MACHPHYS_UPDATE,
    XEN_MMU_PT_UPDATE_PRESERVE_AD,
};
#define XEN_MMU_BATCH 2048u /* at most so many a hypercall */

struct xen_mmuext_op {
    uint32_t cmd;
    uint32_t arg1; /* frame number or linear address */
    uint32_t arg2; /* SET_LDT: entries */
};
enum xen_mmuext {
    XEN_MMUEXT_PIN_L1_TABLE,
    XEN_MMUEXT_PIN_L2_TABLE,
    XEN_MMUEXT_PIN_L3_TABLE,
    XEN_MMUEXT_PIN_L4_TABLE,
    XEN_MMUEXT_UNPIN_TABLE,
    XEN_MMUEXT_NEW_BASEPTR,
    XEN_MMUEXT_TLB_FLUSH_LOCAL,
    XEN_MMUEXT_INVLPG_LOCAL,
    XEN_MMUEXT_TLB_FLUSH_MULTI,
    XEN_MMUEXT_INVLPG_MULTI,
    XEN_MMUEXT_TLB_FLUSH_ALL,
    XEN_MMUEXT_INVLPG_ALL,
    XEN_MMUEXT_FLUSH_CACHE,
    XEN_MMUEXT_SET_LDT,
};

/* update_va_mapping's flags. */
#define XEN_UVMF_TLB_FLUSH 1u
#define XEN_UVMF_INVLPG 2u
#define XEN_UVMF_TYPE_MASK 3u

enum {
    XEN_VMASST_ENABLE,
    XEN_VMASST_DISABLE,
};
#define XEN_VMASST_4GB_SEGMENTS 0u
#define XEN_VMASST_WRITABLE_PAGE_TABLES 2u

/* ---------------------------------------------------------------- events */

#define XEN_CHANNELS 1024u
enum xen_virq { XEN_VIRQ_TIMER = 0, XEN_VIRQ_DEBUG = 1, XEN_VIRQS = 24 };
enum xen_evtchn {
    XEN_EVTCHN_BIND_INTERDOMAIN,
    XEN_EVTCHN_BIND_VIRQ,
    XEN_EVTCHN_BIND_PIRQ,
    XEN_EVTCHN_CLOSE,
    XEN_EVTCHN_SEND,
    XEN_EVTCHN_STATUS,
    XEN_EVTCHN_ALLOC_UNBOUND,
    XEN_EVTCHN_BIND_IPI,
    XEN_EVTCHN_BIND_VCPU,
    XEN_EVTCHN_UNMASK,
    XEN_EVTCHN_RESET,
};
struct xen_bind_virq {
    uint32_t virq, vcpu;
    uint32_t port; /* answer */
};
struct xen_bind_ipi {
    uint32_t vcpu;
    uint32_t port; /* answer */
};
struct xen_evtchn_port { /* CLOSE, SEND, UNMASK */
    uint32_t port;
};
struct xen_evtchn_status {
    uint16_t dom, unused;
    uint32_t port;
    uint32_t status, vcpu; /* answers */
    uint32_t bound;        /* VIRQ, or remote port */
    uint32_t unused2;
};
enum xen_channel_status {
    XEN_CHANNEL_CLOSED,
    XEN_CHANNEL_UNBOUND,
    XEN_CHANNEL_INTERDOMAIN,
    XEN_CHANNEL_PIRQ,
    XEN_CHANNEL_VIRQ,
    XEN_CHANNEL_IPI,
};

/* ------------------------------------------------- scheduling and time */

enum xen_sched {
    XEN_SCHED_YIELD,
    XEN_SCHED_BLOCK,
    XEN_SCHED_SHUTDOWN,
    XEN_SCHED_POLL,
};
enum xen_shutdown {
    XEN_SHUTDOWN_POWEROFF,
    XEN_SHUTDOWN_REBOOT,
    XEN_SHUTDOWN_SUSPEND,
    XEN_SHUTDOWN_CRASH,
};
struct xen_sched_poll {
    uint32_t ports; /* address of an array of port numbers */
    uint32_t count;
    uint64_t timeout; /* ns of system time; 0: none */
};
enum xen_vcpu {
    XEN_VCPU_IS_UP = 3,
    XEN_VCPU_SET_PERIODIC_TIMER = 6,
    XEN_VCPU_STOP_PERIODIC_TIMER = 7,
    XEN_VCPU_SET_SINGLESHOT_TIMER = 8,
    XEN_VCPU_STOP_SINGLESHOT_TIMER = 9,
};
struct xen_periodic_timer {
    uint64_t period; /* ns */
};
struct xen_singleshot_timer {
    uint32_t timeout[2]; /* ns of system time: low word, high word */
    uint32_t flags;
};
#define XEN_SINGLESHOT_FUTURE 1u /* -ETIME if it is past */

struct xen_vcpu_time {
    uint32_t version; /* odd while the monitor writes */
    uint32_t pad0;
    uint64_t tsc_timestamp; /* at the last update */
    uint64_t system_time;   /* ns at the last update */
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    int8_t pad1[3];
};

struct xen_vcpu_info {
    uint8_t upcall_pending;
    uint8_t upcall_mask; /* the virtual IF, upside down */
    uint16_t pad;
    uint32_t pending_sel;
    uint32_t cr2; /* of the last page fault */
    uint32_t pad2[5];
    struct xen_vcpu_time time;
};

struct xen_shared_info {
    struct xen_vcpu_info vcpu[32];
    uint32_t evtchn_pending[32];
    uint32_t evtchn_mask[32];
    uint32_t wc_version, wc_sec, wc_nsec; /* wall clock at system time 0 */
    uint32_t max_pfn;
    uint32_t pfn_to_mfn_frame_list_list;
    uint32_t nmi_reason;
};

/* ---------------------------------------------- console, version, memory */

enum { XEN_CONSOLEIO_WRITE, XEN_CONSOLEIO_READ };
struct xen_console {
    char in[1024], out[2048];
    uint32_t in_cons, in_prod, out_cons, out_prod;
};

enum xen_version {
    XENVER_VERSION,
    XENVER_EXTRAVERSION,
    XENVER_COMPILE_INFO,
    XENVER_CAPABILITIES,
    XENVER_CHANGESET,
    XENVER_PLATFORM_PARAMETERS,
    XENVER_GET_FEATURES,
    XENVER_PAGESIZE,
};
struct xen_features {
    uint32_t index, bits; /* 32 features a question */
};
#define XEN_FEATURE_PRESERVE_AD 5

enum xen_memory_op {
    XENMEM_MAXIMUM_RAM_PAGE = 2,
    XENMEM_CURRENT_RESERVATION = 3,
    XENMEM_MAXIMUM_RESERVATION = 4,
    XENMEM_MACHPHYS_MAPPING = 12,
};
struct xen_machphys_mapping {
    uint32_t start, end, max_mfn;
};

enum { XEN_PHYSDEV_SET_IOPL = 6 };

struct xen_multicall {
    uint32_t op, result;
    uint32_t args[6];
};

/* Hypercall 55 (arch_7) is ours: what a test port does on a PC. */
enum {
    XEN_RINGSIDE_MARKER, /* the guest enters phase `arg`; 0 ends it */
    XEN_RINGSIDE_EXIT,   /* the run is over with status `arg` */
};

/* ---------------------------------------------------------- start of day */

#define XEN_MAGIC "xen-3.0-x86_32"
struct xen_start_info { /* ESI holds its virtual address */
    char magic[32];
    uint32_t nr_pages;
    uint32_t shared_info; /* machine address */
    uint32_t flags;
    uint32_t store_mfn, store_evtchn;
    uint32_t console_mfn, console_evtchn;
    uint32_t pt_base; /* virtual address of the page directory */
    uint32_t nr_pt_frames;
    uint32_t mfn_list; /* virtual address of the P2M list */
    uint32_t mod_start, mod_len;
    char cmd_line[1024];
    uint32_t first_p2m_pfn, nr_p2m_frames;
};

enum xen_elf_note {
    XEN_NOTE_INFO,
    XEN_NOTE_ENTRY,
    XEN_NOTE_HYPERCALL_PAGE,
    XEN_NOTE_VIRT_BASE,
    XEN_NOTE_PADDR_OFFSET,
    XEN_NOTE_XEN_VERSION,
    XEN_NOTE_GUEST_OS,
    XEN_NOTE_GUEST_VERSION,
    XEN_NOTE_LOADER,
    XEN_NOTE_PAE_MODE,
    XEN_NOTE_FEATURES,
};

_Static_assert(sizeof(struct xen_vcpu_info) == 64, "64 bytes a vCPU");
_Static_assert(sizeof(struct xen_start_info) == 32 + 12 * 4 + 1024 + 2 * 4,
               "no padding");
_Static_assert(sizeof(struct xen_sched_poll) == 16, "no padding");

#endif
