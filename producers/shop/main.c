/* SPDX-License-Identifier: MIT */
/* loyald-shop's command line. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("loyald-shop %s\n", LOYALD_VERSION);
        return 0;
    }
    fprintf(stderr, "loyald-shop: no option given\n");
    return 2;
}
