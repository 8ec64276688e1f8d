import type { DataInfo } from '@engine/dataset';
import type { CocoAnnotation, CocoImage } from '@engine/evaluator';
import { visionErrors } from '../errors.js';

/** Half a pixel may be the rounding of a tool: that much outside is never refused. */
const ROUNDING = 0.5;

/** Makes the objects of an image of its annotations, and counts what it leaves out. */
export class CocoInstances {
  readonly #path: string;
  readonly #labels: ReadonlyMap<number, number>;
  readonly #refuses: boolean;
  #otherCategories = 0;
  #tooSmall = 0;
  #outside = 0;
  #cut = 0;

  constructor(
    path: string,
    { categoryIds, outside }: { readonly categoryIds: readonly number[]; readonly outside: 'clip' | 'refuse' },
  ) {
    this.#path = path;
    this.#labels = new Map(categoryIds.map((id, label) => [id, label]));
    this.#refuses = outside === 'refuse';
  }

  /** @throws `ENGINE_VISION_COCO_BOX` */
  of(image: CocoImage, annotations: readonly CocoAnnotation[]): DataInfo[] {
    return annotations.flatMap((annotation) => {
      const label = this.#labels.get(annotation.category_id);
      if (label === undefined) this.#otherCategories++;
      const bbox = label === undefined ? undefined : this.#boxOf(annotation, image);
      if (bbox === undefined) return [];
      const { segmentation, iscrowd, keypoints } = annotation;
      const mask = segmentation === undefined ? {} : { mask: segmentation };
      const points = keypoints === undefined ? {} : { keypoints };
      return [{ bbox, bbox_label: label, ignore_flag: iscrowd === 1 ? 1 : 0, ...mask, ...points }];
    });
  }

  #boxOf({ id, bbox, area }: CocoAnnotation, { width, height }: CocoImage): number[] | undefined {
    const [x, y, w, h] = bbox;
    if (w < 1 || h < 1 || (area ?? w * h) <= 0) {
      this.#tooSmall++;
      return undefined;
    }
    const reach = Math.max(-x, -y, x + w - width, y + h - height);
    if (reach <= 0) return [x, y, x + w, y + h];
    if (this.#refuses && reach > ROUNDING) {
      throw visionErrors.COCO_BOX({
        subject: `${this.#path}: annotation ${id}`,
        expected: `a box inside the image of ${width} x ${height} pixels`,
        received: `bbox = [${bbox.join(', ')}] (x, y, width, height)`,
        action: "correct the box, or give outsideBoxes: 'clip' to cut such boxes at the border",
      });
    }
    const cut = [Math.max(x, 0), Math.max(y, 0), Math.min(x + w, width), Math.min(y + h, height)] as const;
    const isInside = cut[2] > cut[0] && cut[3] > cut[1];
    if (isInside) this.#cut++;
    else this.#outside++;
    return isInside ? [...cut] : undefined;
  }

  /** What was left out or changed, in words; undefined for nothing. */
  report(): string | undefined {
    const parts = [
      [this.#otherCategories, 'of other categories left out'],
      [this.#tooSmall, 'below a pixel left out'],
      [this.#outside, 'outside of their image left out'],
      [this.#cut, 'cut at the border of their image'],
    ] as const;
    const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    return told.length === 0 ? undefined : `objects: ${told.join(', ')}`;
  }
}
