/* A stand-in for libnvidia-ml.so.1, so that the real pynvml can be driven without a GPU.
 *
 * Built with -Wl,-soname,libnvidia-ml.so.1 and loaded by path first: dlopen then answers
 * pynvml's request for that name with this library. What it plays is said in the environment:
 *
 *   FAKE_NVML_GPUS     NAME:TOTAL_BYTES:USED_BYTES[,…]; USED leaves out what the driver reserves
 *   FAKE_NVML_FAULTS   FUNCTION=CODE[,…], for one GPU only as FUNCTION@INDEX=CODE
 *   FAKE_NVML_INIT_GATE  a path: nvmlInit waits until there is a file
 *   FAKE_NVML_WDDM     set: per-process memory is not told, as on Windows
 *   FAKE_NVML_MIG      set: the GPUs are divided; a number: into so many slices of an eighth, in the
 *                      places 0, 2, 4, … as slices need not be next to each other
 *   FAKE_NVML_PID      the pid of the first process instead of 1000
 *   FAKE_NVML_COUNT    how many GPUs it says there are, whatever it lists
 *   FAKE_NVML_WRONG    set: the process list is of other structures, as of some drivers 535
 *
 * -DOLD_DRIVER leaves out the functions that drivers before MIG do not have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long long bytes_t;
typedef void *device_t;

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
#define RESERVED_BYTES 619249664ULL /* what an A100's driver keeps for itself */
#define NOT_TOLD (~0ULL)
#define N_PROCESSES 3

typedef struct { char name[96]; bytes_t total, used; } gpu_t;
typedef struct { bytes_t total, free, used; } memory_t;
typedef struct { unsigned pid; bytes_t used; unsigned gpu_instance, compute_instance; } process_t;

static const char *environment(const char *key, const char *otherwise) {
    const char *value = getenv(key);
    return value ? value : otherwise;
}

/* The GPU at that place of FAKE_NVML_GPUS; 0 where the list is shorter. */
static int find_gpu(unsigned index, gpu_t *gpu) {
    const char *at = environment("FAKE_NVML_GPUS", "NVIDIA A100-SXM4-80GB:85899345920:19327352832");
    for (; *at; index--) {
        if (index == 0)
            return sscanf(at, "%95[^:]:%llu:%llu", gpu->name, &gpu->total, &gpu->used) == 3;
        at = strchr(at, ',');
        if (!at)
            return 0;
        at++;
    }
    return 0;
}

/* Handles are 1-based, so that none of them is NULL; a slice's has its place, 1-based, 8 bits up. */
static unsigned index_of(device_t device) { return ((unsigned)(size_t)device & 0xff) - 1; }
static unsigned slice_of(device_t device) { return (unsigned)(size_t)device >> 8; }

static int fault(const char *function, int index) {
    char for_all[96], for_one[112];
    snprintf(for_all, sizeof for_all, "%s=", function);
    snprintf(for_one, sizeof for_one, "%s@%d=", function, index);
    const char *faults = environment("FAKE_NVML_FAULTS", "");
    const char *found = strstr(faults, for_one);
    if (found)
        return atoi(found + strlen(for_one));
    found = strstr(faults, for_all);
    return found ? atoi(found + strlen(for_all)) : SUCCESS;
}

#define FAIL_IF_TOLD_TO(index)                      \
    do {                                            \
        int code = fault(__func__, (int)(index));   \
        if (code != SUCCESS)                        \
            return code;                            \
    } while (0)

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    const char *gate = environment("FAKE_NVML_INIT_GATE", "");
    while (*gate && access(gate, F_OK) != 0)
        usleep(1000);
    FAIL_IF_TOLD_TO(-1);
    return SUCCESS;
}

const char *nvmlErrorString(int code) {
    (void)code;
    return "an error of the fake driver";
}

int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    FAIL_IF_TOLD_TO(-1);
    snprintf(text, size, "580.95.05");
    return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    gpu_t gpu;
    FAIL_IF_TOLD_TO(-1);
    for (*count = 0; find_gpu(*count, &gpu); ++*count)
        ;
    if (getenv("FAKE_NVML_COUNT"))
        *count = (unsigned)strtoul(getenv("FAKE_NVML_COUNT"), NULL, 10);
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device_t *device) {
    gpu_t gpu;
    FAIL_IF_TOLD_TO(index);
    if (!find_gpu(index, &gpu))
        return INVALID_ARGUMENT;
    *device = (device_t)(size_t)(index + 1);
    return SUCCESS;
}

int nvmlDeviceGetName(device_t device, char *text, unsigned size) {
    gpu_t gpu;
    FAIL_IF_TOLD_TO(index_of(device));
    find_gpu(index_of(device), &gpu);
    snprintf(text, size, slice_of(device) ? "%s MIG 1g.10gb" : "%s", gpu.name);
    return SUCCESS;
}

int nvmlDeviceGetUUID(device_t device, char *text, unsigned size) {
    FAIL_IF_TOLD_TO(index_of(device));
    snprintf(text, size, "%s-%08x-aaaa-bbbb-cccc-000000000000", slice_of(device) ? "MIG" : "GPU",
             (index_of(device) + 0xa0) | slice_of(device) << 8);
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(device_t device, memory_t *memory) {
    gpu_t gpu;
    if (!slice_of(device)) /* a slice answers even where the whole GPU does not */
        FAIL_IF_TOLD_TO(index_of(device));
    find_gpu(index_of(device), &gpu);
    if (slice_of(device)) {
        memory->total = gpu.total / 8;
        memory->used = gpu.used / 8;
        memory->free = memory->total - memory->used;
        return SUCCESS;
    }
    memory->total = gpu.total;
    memory->used = gpu.used + RESERVED_BYTES; /* the first version counts the reserved as used */
    memory->free = memory->total - memory->used;
    return SUCCESS;
}

int nvmlDeviceGetCudaComputeCapability(device_t device, int *major, int *minor) {
    FAIL_IF_TOLD_TO(index_of(device));
    *major = 8;
    *minor = 0;
    return SUCCESS;
}

int nvmlDeviceGetMemoryBusWidth(device_t device, unsigned *bits) {
    FAIL_IF_TOLD_TO(index_of(device));
    *bits = 5120;
    return SUCCESS;
}

int nvmlDeviceGetMaxClockInfo(device_t device, unsigned clock, unsigned *mhz) {
    FAIL_IF_TOLD_TO(index_of(device));
    *mhz = clock == 2 /* NVML_CLOCK_MEM */ ? 1593 : 1410;
    return SUCCESS;
}

#ifndef OLD_DRIVER
static int list_processes(device_t device, unsigned *count, process_t *processes) {
    (void)device;
    int has_room = processes && *count >= N_PROCESSES;
    *count = N_PROCESSES;
    if (!has_room)
        return INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < N_PROCESSES; i++) {
        processes[i].pid = i == 0 ? (unsigned)atoi(environment("FAKE_NVML_PID", "1000")) : 1000 + i;
        processes[i].used = getenv("FAKE_NVML_WDDM") ? NOT_TOLD : (i + 1) * (3ULL << 30);
        if (getenv("FAKE_NVML_WRONG"))
            processes[i].used = 140187732541440ULL; /* an address, read as an amount */
        processes[i].gpu_instance = processes[i].compute_instance = ~0U;
    }
    return SUCCESS;
}

/* Drivers of 450 to 495 have the second version of the list and not the third. */
int nvmlDeviceGetComputeRunningProcesses_v2(device_t device, unsigned *count, process_t *processes) {
    FAIL_IF_TOLD_TO(index_of(device));
    return list_processes(device, count, processes);
}

int nvmlDeviceGetMigMode(device_t device, unsigned *current, unsigned *pending) {
    FAIL_IF_TOLD_TO(index_of(device));
    *current = *pending = getenv("FAKE_NVML_MIG") != NULL;
    return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(device_t device, unsigned *count) {
    FAIL_IF_TOLD_TO(index_of(device));
    *count = 7;
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device_t device, unsigned place, device_t *slice) {
    FAIL_IF_TOLD_TO(index_of(device));
    unsigned slices = (unsigned)atoi(environment("FAKE_NVML_MIG", "0"));
    if (place % 2 || place / 2 >= slices)
        return NOT_FOUND;
    *slice = (device_t)((size_t)device | (size_t)(place + 1) << 8);
    return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(device_t device, unsigned *count, process_t *processes) {
    FAIL_IF_TOLD_TO(index_of(device));
    return list_processes(device, count, processes);
}

/* Nothing draws. */
int nvmlDeviceGetGraphicsRunningProcesses_v3(device_t device, unsigned *count, process_t *processes) {
    (void)processes;
    FAIL_IF_TOLD_TO(index_of(device));
    *count = 0;
    return SUCCESS;
}
#endif
