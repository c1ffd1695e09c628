/* Writes the figures of benchmarks that never ran, with values that report_test.sh knows: of hot_path all, of
 * pool some. With an argument: of one that failed. */
#include "figures.h"

#include <string.h>

#define ROUNDS 5

static struct figures *figures;

/* Values around `middle`, out of order. */
static void add(const char *name, const char *unit, double middle)
{
    const double values[ROUNDS] = {middle * 1.25, middle * 0.75, middle * 2, middle, middle * 0.5};
    figures_add(figures, &(struct figure){name, name, unit, 1000}, values, ROUNDS);
}

static void add_ratio(const char *name, double middle)
{
    const double of[ROUNDS] = {middle, middle * 8, middle * 0.5, middle * 2, middle * 6};
    const double to[ROUNDS] = {1, 4, 1, 4, 2};
    figures_add_ratio(figures, name, "a \"ratio\"", of, to, ROUNDS);
}

static int write_hot_path(void)
{
    figures = figures_open("hot_path");
    figures_library(figures, "libsample", "1.2.3");
    add("av_pool", "ns", 50);
    add("pool_8", "ns", 20);
    add("lock", "ns", 25);
    add("gst_map", "ns", 100);
    add("two_cas", "ns", 15.125);
    add("lock_floor", "ns", 17.5);
    add_ratio("lock_of_gst", 0.25);
    add_ratio("two_cas_of_gst", 0.15);
    add_ratio("floor_of_gst", 0.175);
    add_ratio("two_cas_of_av", 0.3);
    return figures_close(figures, 1);
}

static int write_pool(void)
{
    figures = figures_open("pool");
    add("acquire_av_8", "ns", 50);
    add("acquire_gst_8", "ns", 200);
    add("acquire_ours_8", "ns", 20);
    add("acquire_ours_64", "ns", 22);
    add("full_ours_8", "ns", 20);
    add("full_ours_64", "ns", 22);
    add_ratio("acquire_of_av_8", 0.3);
    add_ratio("acquire_of_av_64", 0.35);
    add_ratio("full_of_av_8", 0.3125);
    add_ratio("full_of_av_64", 0.25);
    return figures_close(figures, 1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "failed") == 0) {
        figures = figures_open("copy");
        add("memcpy", "GB/s", 10);
        return figures_close(figures, 0) ? 1 : 0;
    }
    return write_hot_path() || write_pool() ? 1 : 0;
}
