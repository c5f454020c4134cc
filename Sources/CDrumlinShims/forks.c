#include "CDrumlinShims.h"

#include <pthread.h>

volatile int drumlin_forks = 0;

static void count_fork(void) { drumlin_forks++; }

static void watch(void) { pthread_atfork(NULL, NULL, count_fork); }

void drumlin_watch_forks(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}
