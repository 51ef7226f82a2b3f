"""Accounts: what becomes of these commands."""

from appliance.recipe.reading.answers import Answer, Honoured, each

COMMANDS: dict[str, Answer] = {
    "rootpw": Honoured(each("--lock --iscrypted --plaintext --allow-ssh", None)),
    "user": Honoured(
        each("--name --groups --uid --gid --homedir --shell --gecos --password", None)
        | each("--iscrypted --plaintext --lock", None)
    ),
    "group": Honoured(each("--name --gid", None)),
    "sshkey": Honoured({"--username": None}),
}
