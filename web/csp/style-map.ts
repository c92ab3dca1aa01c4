import { noChange } from 'lit';
import {
  Directive,
  directive,
  PartType,
  type AttributePart,
  type PartInfo,
} from 'lit/directive.js';

type Styles = Readonly<Record<string, string | number | undefined | null>>;

/**
 * Stands in for `lit/directives/style-map.js` in the build. That one writes a `style` attribute the
 * first time, which the hub's content policy refuses; this one sets each property on the element,
 * which the policy allows (CSP 3, 6.7.3: only parsed and set style attributes are inline styles).
 */
class StyleMapDirective extends Directive {
  #names = new Set<string>();

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ATTRIBUTE || info.name !== 'style') {
      throw new Error('styleMap belongs in a style attribute');
    }
  }

  override render(_styles: Styles): typeof noChange {
    return noChange;
  }

  override update(part: AttributePart, [styles]: [Styles]): typeof noChange {
    const { style } = part.element;
    for (const name of this.#names)
      if (styles[name] === undefined || styles[name] === null) style.removeProperty(kebab(name));
    this.#names = new Set();
    for (const [name, value] of Object.entries(styles)) {
      if (value === undefined || value === null) continue;
      style.setProperty(kebab(name), String(value));
      this.#names.add(name);
    }
    return noChange;
  }
}

export const styleMap = directive(StyleMapDirective);

/** `flexGrow` → `flex-grow`; custom properties and kebab names stay. */
function kebab(name: string): string {
  return name.includes('-')
    ? name
    : name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
