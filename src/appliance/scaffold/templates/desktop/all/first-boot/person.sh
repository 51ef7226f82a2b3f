#!/bin/sh -eu
# The password of the user person: the one that was handed over, or one that is drawn now, and that
# the text console shows until the next start. It is written nowhere but to /etc/shadow, hashed.
[ ! -s "${CREDENTIALS_DIRECTORY:-}/passwd.hashed-password.person" ] || exit 0

password=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
printf 'person:%s\n' "$password" | chpasswd
mkdir -p /run/issue.d
printf 'Log in as person, with the password %s\n\n' "$password" > /run/issue.d/50-{{ name }}.issue
