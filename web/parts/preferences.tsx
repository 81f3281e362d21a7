/** Language and theme. */
import { language, nextTheme, setLanguage, setTheme, theme } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

export function LanguageButton() {
  const text = useText();
  const other = useValue(language) === 'en' ? 'ko' : 'en';
  return (
    <button
      className="button quiet"
      lang={other}
      onClick={() => setLanguage(other)}
      title={text('app.language')}
      type="button"
    >
      <span aria-hidden="true">{other === 'ko' ? 'KO' : 'EN'}</span>
      <span className="sr-only">{text('app.language')}</span>
    </button>
  );
}

export function ThemeButton() {
  const text = useText();
  const current = useValue(theme);
  const label = text('app.theme', { theme: text(`theme.${current}`) });
  return (
    <button
      aria-label={label}
      className="button quiet"
      onClick={() => setTheme(nextTheme(current))}
      title={label}
      type="button"
    >
      <Glyph name={`theme-${current}`} />
    </button>
  );
}
