{% extends "common/check.sh" %}
{% block check %}

systemctl is-active --quiet nftables.service dnsmasq.service
nft list ruleset | grep -q masquerade
ip -brief address show dev eth1 | grep -qF 192.168.77.1/24
ss --no-header --udp --listening --numeric | grep -qE ':67\b'

# A second network inside, with one machine in it, as a namespace of its own. systemd-networkd would
# take its card for one that has to ask for an address.
if systemctl is-active --quiet systemd-networkd.service; then
    mkdir -p /run/systemd/network
    printf '[Match]\nName=inside0\n\n[Link]\nUnmanaged=yes\n' > /run/systemd/network/00-inside.network
    networkctl reload
fi
ip netns add inside
trap 'ip netns delete inside' EXIT
ip link add inside0 type veth peer name eth0 netns inside
ip address add 192.168.78.1/24 dev inside0
ip link set inside0 up
ip -n inside address add 192.168.78.2/24 dev eth0
ip -n inside link set eth0 up
ip -n inside route add default via 192.168.78.1

# It reaches what is outside, under the router's address; what is outside does not reach it.
gateway=$(ip -4 route show default dev eth0 | sed -n 's/.* via \([0-9.]*\).*/\1/p')
ip netns exec inside ping -c 1 -W 20 "$gateway" > /dev/null
nft list chain inet {{ name|replace("-", "_") }} forward | grep -q 'policy drop'
{% endblock %}
