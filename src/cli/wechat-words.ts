import type { Language } from "./words.ts";

const english = {
  account: "id of the account, as in the accounts file",
  noAccount: (known: string) => `The accounts file has no such account, only ${known}.`,
  menu: {
    about: "the custom menu at the bottom of the chat",
    none: "There is no menu.",
    noneForSome: "There is no menu for some of the followers.",
    forSome: (id: string, rule: string) => `Menu ${id}, for ${rule}:`,
    columns: ["name", "type", "leads to"],
    conditional: (count: number, ids: string) => `Menus for some of the followers only: ${count} (${ids})`,
    noJson: (file: string) => `${file} is not JSON.`,
    get: {
      about: "show the menu as it is; as JSON it is what menu set takes",
      conditional: "those for some of the followers, in place of it",
      after: ["", "Example, to change it by hand:", "  qunfa -o json menu get --account acme > menu.json"],
    },
    set: {
      about: "put a menu in place of the one that there is",
      file: "the menu as JSON, in WeChat's own words; - is standard input",
      done: "The menu is set. Phones show it within 5 minutes.",
      nothing: (file: string) =>
        `${file} holds null, as when there was no menu. qunfa menu delete takes a menu away.`,
      after: [
        "",
        'JSON: { "button": [{ "name": "News", "type": "click", "key": "NEWS" }] }',
        "All that WeChat would refuse is named before anything is sent.",
        "",
        "Example:",
        "  qunfa menu set menu.json --account acme",
      ],
    },
    delete: {
      about: "take the menu away, those for some of the followers too",
      done: "The menu is gone.",
      after: ["", "Example:", "  qunfa menu delete --account acme"],
    },
    add: {
      about: "add a menu for some of the followers; there must be one for all",
      file: "the menu with its matchrule as JSON, in WeChat's own words; - is standard input",
      done: (id: string) => `It is menu ${id}.`,
      after: [
        "",
        'JSON: { "button": [...], "matchrule": { "tag_id": "100" } }',
        "",
        "Example:",
        "  qunfa menu add vip.json --account acme",
      ],
    },
    remove: {
      about: "take a menu for some of the followers away",
      id: "the number that menu add has told, and menu get tells",
      done: "That menu is gone.",
      after: ["", "Example:", "  qunfa menu remove 208379533 --account acme"],
    },
  },
  qrcode: {
    about: "QR codes that tell where a follower came from",
    create: {
      about: "make a code, and save its picture",
      scene: "what it tells: 1 to 64 characters",
      sceneId: "what it tells: a number; permanent: up to 100000",
      expires: "seconds that it works, 2592000 (30 days) at most",
      permanent: "works for ever; an account has 100,000 of these",
      out: "where to save the picture",
      wrongOut: "expected the name of a file",
      number: "expected a whole number",
      notStdout: "expected the name of a file: the standard output has the ticket",
      ticket: "ticket",
      url: "says",
      seconds: "works for (seconds)",
      address: "picture at",
      picture: "saved as",
      missing: "Say --scene or --scene-id, and --expires or --permanent.",
      after: [
        "",
        "Say --scene or --scene-id, and --expires or --permanent.",
        "",
        "Example:",
        "  qunfa qrcode create --account acme --scene expo --permanent --out expo.jpg",
      ],
    },
  },
  tag: {
    about: "tags of followers",
    columns: ["id", "name", "followers"],
    list: {
      about: "list the tags, and how many followers have each",
      after: ["", "Example:", "  qunfa tag list --account acme"],
    },
  },
};

export type WechatWords = typeof english;

const chinese: WechatWords = {
  account: "账号 id，见账号文件",
  noAccount: (known) => `账号文件中没有这个账号，只有 ${known}。`,
  menu: {
    about: "会话底部的自定义菜单",
    none: "没有菜单。",
    noneForSome: "没有个性化菜单。",
    forSome: (id, rule) => `菜单 ${id}，面向 ${rule}：`,
    columns: ["名称", "类型", "指向"],
    conditional: (count, ids) => `另有 ${count} 个个性化菜单，仅部分关注者可见：${ids}`,
    noJson: (file) => `${file} 不是 JSON。`,
    get: {
      about: "查看现有菜单；其 JSON 可直接用于 menu set",
      conditional: "改为查看仅部分关注者可见的个性化菜单",
      after: ["", "例（取出后手工修改）：", "  qunfa -o json menu get --account acme > menu.json"],
    },
    set: {
      about: "设置菜单，取代现有菜单",
      file: "JSON 格式的菜单，字段与微信接口一致；- 表示标准输入",
      done: "菜单已设置，手机端 5 分钟内更新。",
      nothing: (file) => `${file} 中是 null，即取出时没有菜单。删除菜单请用 qunfa menu delete。`,
      after: [
        "",
        'JSON：{ "button": [{ "name": "资讯", "type": "click", "key": "NEWS" }] }',
        "微信会拒绝的内容在发送之前全部列出。",
        "",
        "例：",
        "  qunfa menu set menu.json --account acme",
      ],
    },
    delete: {
      about: "删除菜单，个性化菜单一并删除",
      done: "菜单已删除。",
      after: ["", "例：", "  qunfa menu delete --account acme"],
    },
    add: {
      about: "为部分关注者增加一个菜单；须先有面向全部关注者的菜单",
      file: "带 matchrule 的菜单 JSON，字段与微信一致；- 为标准输入",
      done: (id) => `菜单编号 ${id}。`,
      after: [
        "",
        'JSON：{ "button": [...], "matchrule": { "tag_id": "100" } }',
        "",
        "例：",
        "  qunfa menu add vip.json --account acme",
      ],
    },
    remove: {
      about: "删除一个只面向部分关注者的菜单",
      id: "菜单编号，menu add 和 menu get 会显示",
      done: "该菜单已删除。",
      after: ["", "例：", "  qunfa menu remove 208379533 --account acme"],
    },
  },
  qrcode: {
    about: "带参数的二维码，用于区分关注来源",
    create: {
      about: "生成二维码并保存图片",
      scene: "参数：1 到 64 个字符",
      sceneId: "参数：数字；永久二维码最大 100000",
      expires: "有效秒数，最长 2592000（30 天）",
      permanent: "永久有效；每个账号最多 10 万个",
      out: "图片保存到哪个文件",
      wrongOut: "须为文件名",
      number: "须为整数",
      notStdout: "须为文件名：标准输出用于显示 ticket",
      ticket: "ticket",
      url: "内容",
      seconds: "有效秒数",
      address: "图片地址",
      picture: "已保存为",
      missing: "须指定 --scene 或 --scene-id，以及 --expires 或 --permanent。",
      after: [
        "",
        "须指定 --scene 或 --scene-id，以及 --expires 或 --permanent。",
        "",
        "例：",
        "  qunfa qrcode create --account acme --scene expo --permanent --out expo.jpg",
      ],
    },
  },
  tag: {
    about: "关注者标签",
    columns: ["id", "名称", "人数"],
    list: {
      about: "列出标签及其人数",
      after: ["", "例：", "  qunfa tag list --account acme"],
    },
  },
};

export const wechatWordsIn: Readonly<Record<Language, WechatWords>> = { en: english, zh: chinese };
