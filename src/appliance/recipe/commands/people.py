"""Accounts: what becomes of these commands."""

from appliance.recipe.answers import Answer, Honoured, Refused, each

COMMANDS: dict[str, Answer] = {
    "rootpw": Honoured(
        {
            **each("--lock --iscrypted --plaintext", None),
            "--allow-ssh": Refused(
                "root logs in over SSH with a key only", "sshkey --username=root 'KEY'"
            ),
        }
    ),
    "user": Honoured(
        each("--name --groups --uid --gid --homedir --shell --gecos --password", None)
        | each("--iscrypted --plaintext --lock", None)
    ),
    "group": Honoured(each("--name --gid", None)),
    "sshkey": Honoured({"--username": None}),
}
