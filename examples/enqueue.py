# Enqueues one campaign with BullMQ for Python (pip install bullmq); the report is had over HTTP:
#   REDIS_URL=redis://127.0.0.1:6379 python3 examples/enqueue.py november-offer openids.txt
import asyncio
import os
import sys

from bullmq import Queue


async def main(campaign_id: str, file: str) -> None:
    with open(file, encoding="utf-8") as lines:
        openids = [line.strip() for line in lines if line.strip()]
    queue = Queue("campaigns", {"connection": os.environ["REDIS_URL"], "prefix": "{qunfa}"})
    try:
        await queue.add(
            "campaign",
            {
                "account": "demo",
                "message": {"msgtype": "text", "text": {"content": "您好"}},
                "audience": {"type": "openids", "openids": openids},
            },
            {"jobId": campaign_id},  # the campaign's id: enqueueing it again changes nothing
        )
    finally:
        await queue.close()
    print(f"enqueued {campaign_id}")


if len(sys.argv) != 3 or "REDIS_URL" not in os.environ:
    sys.exit("usage: REDIS_URL=redis://… python3 examples/enqueue.py <campaign id> <file with an OpenID a line>")
if not os.path.exists(sys.argv[2]):
    print(f"{sys.argv[2]}: there is no such file", file=sys.stderr)
    sys.exit(66)
asyncio.run(main(sys.argv[1], sys.argv[2]))
