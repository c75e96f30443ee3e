import { z } from "zod";
import { PreviewRequest, parsePreview } from "../campaign/preview.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";

const PreviewView = z.object({
  account: z.string(),
  msgId: z.string().optional(),
  left: z.int().describe("Previews left today."),
});

/** Shows a message to one follower; `compose.ts` hands it over. */
export type Preview = (request: PreviewRequest) => Promise<Readonly<z.infer<typeof PreviewView>>>;

export function createPreviewHandler(preview: Preview) {
  return documented(
    {
      id: "createPreview",
      summary: "Sends a message to one follower's eyes, named by OpenID or WeChat id.",
      tag: "Media",
      body: PreviewRequest,
      answers: { 200: PreviewView },
      fails: ["QUOTA_SPENT", ...ASKING_WECHAT],
    },
    async (c) => {
      readQuery(c, NoQuery);
      return c.json(await preview(parsePreview(await readJson(c.req.raw))));
    },
  );
}
