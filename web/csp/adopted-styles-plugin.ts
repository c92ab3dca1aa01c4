import type { Plugin } from 'vite';

interface Rewrite {
  /** The end of the module's path. */
  readonly module: string;
  readonly from: RegExp;
  readonly to: string;
}

/** The two places where the component library puts a style element into the page. */
const rewrites: readonly Rewrite[] = [
  {
    module: '/@vaadin/component-base/src/css-utils.js',
    from: /const styleTag = document\.createElement\('style'\);[\s\S]*?'afterbegin', styleTag\);/,
    to: `const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles.map((style) => style.toString()).join('\\n'));
  document.adoptedStyleSheets.unshift(sheet);`,
  },
  {
    module: '/@vaadin/component-base/src/slot-styles-mixin.js',
    from: /const style = document\.createElement\('style'\);[\s\S]*?root\.firstChild\);\s*\}/,
    to: `const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets.push(sheet);`,
  },
];

/**
 * Makes the component library adopt its style sheets instead of writing style elements, so that the
 * console runs under `style-src 'self'`. A library version that does it otherwise stops the build.
 */
export function adoptedStylesPlugin(): Plugin {
  const done = new Set<Rewrite>();
  return {
    name: 'holdfast-adopted-styles',
    transform(code, id) {
      const rewrite = rewrites.find(({ module }) => id.endsWith(module));
      if (rewrite === undefined) return undefined;
      if (!rewrite.from.test(code)) this.error(`${rewrite.module} no longer fits its rewrite`);
      done.add(rewrite);
      return { code: code.replace(rewrite.from, () => rewrite.to), map: null };
    },
    buildEnd(error) {
      if (error !== undefined) return;
      const missing = rewrites.find((rewrite) => !done.has(rewrite));
      if (missing !== undefined) this.error(`${missing.module} was not in the build`);
    },
  };
}
