/* SPDX-License-Identifier: MIT */
/* loyalctl topics create. */
#include "consumers/ctl/command.h"
#include "consumers/ctl/policy_append.h"

#define CREATE_WAIT_MS 60000

const struct option_about topics_options[] = {
    {"policy", OPTION_TEXT, "FILE",
     "the first policy; default: the settings' policy.file, or the one installed"},
    {NULL,     OPTION_FLAG, NULL,   NULL                                         },
};

int topics_create(struct ctl *ctl, const struct args *args)
{
    struct policy *policy = NULL;
    bool is_new = false;
    const char *file = args_has(args, "policy") ? args_text(args, "policy") : policy_default_file(ctl);
    int result = policy_read_file(file, &policy); /* before anything is made */
    if (result != CTL_DONE) {
        return args_has(args, "policy") ? result : ctl_wrong("a first policy is needed: give --policy FILE");
    }
    if (!ctl_admin(ctl)) {
        policy_free(policy);
        return CTL_FAILED;
    }
    enum status status = kafka_admin_topics_create(ctl->admin, CREATE_WAIT_MS, &ctl->out, &is_new);
    ctl_flush(ctl);
    if (status != STATUS_OK) {
        result = ctl_fail_kafka(ctl, status, kafka_admin_error(ctl->admin));
    }
    int32_t homes = (int32_t)ctl->settings->topics_homes;
    if (is_new) {
        int appended = policy_append(ctl, policy, homes);
        if (appended == CTL_DONE) {
            buf_printf(&ctl->out, "policy %s from %s is the first record of all %d homes\n", policy->version,
                       file, (int)homes);
        } else {
            result =
                ctl_fail("the home log was made but has no policy yet: loyalctl policy activate %s", file);
        }
    } else if (status == STATUS_OK) {
        buf_text(&ctl->out,
                 "the home log was there already, and keeps its policy; see loyalctl policy show\n");
    }
    policy_free(policy);
    return result;
}
