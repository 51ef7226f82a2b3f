#!/bin/sh -eu
# The administrator's password: the one that was handed over, or one that is drawn now, and that
# every console shows until the next start. It is written nowhere but to /etc/shadow, hashed.
user=shopkeeper
[ ! -s "${CREDENTIALS_DIRECTORY:-}/passwd.hashed-password.$user" ] || exit 0

password=$(openssl rand -base64 15 | tr '+/' '-_')
printf '%s:%s\n' "$user" "$password" | chpasswd
install -d -m 755 /run/issue.d
printf 'The administrator is %s, with the password %s\n\n' "$user" "$password" \
    > /run/issue.d/50-shop.issue
