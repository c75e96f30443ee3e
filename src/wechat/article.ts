type Flag = 0 | 1;

/**
 * One article of a draft or of uploadnews (WECHAT.md section 2.1). The cover of a draft's article is a permanent
 * media_id, of uploadnews' a temporary one too.
 */
export type Article = {
  readonly title: string;
  /** HTML; pictures only under addresses that `uploadArticleImage` gave. */
  readonly content: string;
  /** The cover; every article but a `newspic` has one. */
  readonly thumbMediaId?: string;
  readonly author?: string;
  /** Of a message with a single article; WeChat takes the text's first 54 characters without one. */
  readonly digest?: string;
  readonly contentSourceUrl?: string;
  /** uploadnews only. */
  readonly showCoverPic?: Flag;
  readonly needOpenComment?: Flag;
  readonly onlyFansCanComment?: Flag;
  /** Drafts only, as is what follows. `newspic` is pictures with a plain text. */
  readonly articleType?: "news" | "newspic";
  /** Permanent media_ids of a `newspic`, 20 at most. */
  readonly imageMediaIds?: readonly string[];
  /** How the cover is cut, in WeChat's own words. */
  readonly picCrop2351?: string;
  readonly picCrop11?: string;
};

/** The article in WeChat's words; JSON leaves out what is not given. */
export function wireArticle(article: Article): object {
  const { imageMediaIds } = article;
  return {
    article_type: article.articleType,
    title: article.title,
    author: article.author,
    digest: article.digest,
    content: article.content,
    content_source_url: article.contentSourceUrl,
    thumb_media_id: article.thumbMediaId,
    show_cover_pic: article.showCoverPic,
    need_open_comment: article.needOpenComment,
    only_fans_can_comment: article.onlyFansCanComment,
    pic_crop_235_1: article.picCrop2351,
    pic_crop_1_1: article.picCrop11,
    image_info: imageMediaIds && { image_list: imageMediaIds.map((id) => ({ image_media_id: id })) },
  };
}
