"""Has scim2-tester check the SCIM server at a base URL, and prints each check as a line of JSON.

Usage: python check_scim.py BASE_URL TOKEN
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

base_url, token = sys.argv[1:]
http = Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
for result in check_server(SyncSCIMClient(http)):
    print(
        json.dumps(
            {
                "status": result.status.name,
                "check": result.title,
                "of": result.resource_type,
                "because": result.reason,
            }
        )
    )
