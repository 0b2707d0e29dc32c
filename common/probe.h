/* SPDX-License-Identifier: MIT */
/* Named points at which a fault test can kill or stop the daemon. Compiled in with -DLOYALD_PROBES=ON only
 * (the dev preset); a release has none. LOYALD_PROBE="NAME:N[:kill|stop]" in the environment: at the N-th
 * passing of NAME by any thread the process writes "probe NAME" to the file LOYALD_PROBE_LOG and ends or
 * stops itself by signal. */
#ifndef COMMON_PROBE_H
#define COMMON_PROBE_H

#ifdef LOYALD_PROBES
void probe_hit(const char *name);
#define probe(name) probe_hit(name)
#else
#define probe(name) ((void)0)
#endif

#endif
