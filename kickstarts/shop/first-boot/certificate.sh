#!/bin/sh -eu
# A certificate of this machine, signed by itself: whoever has a better one puts it in its place.
name=$(cat /proc/sys/kernel/hostname)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 \
    -subj "/CN=$name" -addext "subjectAltName=DNS:$name,DNS:localhost" \
    -keyout /etc/shop/tls.key -out /etc/shop/tls.crt
chmod 600 /etc/shop/tls.key
chmod 644 /etc/shop/tls.crt
# What else of Debian's wants one, such as PostgreSQL, uses this.
make-ssl-cert generate-default-snakeoil --force-overwrite
