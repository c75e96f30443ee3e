# Enqueues one campaign with BullMQ for Python (pip install bullmq); the report is had over HTTP:
#   REDIS_URL=redis://127.0.0.1:6379 python3 examples/enqueue.py november-offer openids.txt
import asyncio
import os
import sys

from bullmq import Queue


async def main(campaign_id: str, openids: list[str]) -> None:
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


def fail(why: str, code: int) -> None:
    print(why, file=sys.stderr)
    sys.exit(code)


if len(sys.argv) != 3 or "REDIS_URL" not in os.environ:
    fail("usage: REDIS_URL=redis://… python3 examples/enqueue.py <campaign id> <file with an OpenID a line>", 64)
_, campaign_id, file = sys.argv
if not os.path.exists(file):
    fail(f"{file}: there is no such file", 66)
with open(file, encoding="utf-8") as lines:
    openids = [line.strip() for line in lines if line.strip()]
if not openids:
    # Refused by the worker it would have used the id up.
    fail(f"{file}: there is no OpenID in it", 65)
asyncio.run(main(campaign_id, openids))
