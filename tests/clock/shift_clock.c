/* Moves the clock of a process and of all that it starts by SHIFT_CLOCK_DAYS days: preload it (run.sh).
 *
 * Only the time of day moves. libfaketime also takes over the waits on locks and conditions: with it
 * a thread of Python waits for 400 days, or, if the monotonic clock is left alone, a kernel does not start.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void) {
    const char *days = getenv("SHIFT_CLOCK_DAYS");
    return days ? 86400 * (time_t)atol(days) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec moment;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &moment) != 0)
        return -1;
    now->tv_sec = moment.tv_sec;
    now->tv_usec = moment.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (kept)
        *kept = moment.tv_sec;
    return moment.tv_sec;
}
