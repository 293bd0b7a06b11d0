"""Gold sets that come with the software, as files beside this one."""
