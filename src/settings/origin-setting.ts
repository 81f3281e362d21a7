/** The format of PLAYHEAD_ORIGINS: origins of web pages and apps, with a wildcard for one label of a host name. */
import { z } from 'zod';

/** `scheme://host:port` with an app's own scheme, such as capacitor://localhost; URL reports no origin for these. */
const APP_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9._-]+(?::\d+)?$/;

export const origins = z
  .string()
  .default('')
  .transform((text, context) => {
    const list = text
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== '');
    for (const origin of list) {
      const reason = faultOf(origin);
      if (reason !== null) context.addIssue({ code: 'custom', message: `${origin}: ${reason}` });
    }
    return list;
  });

/** Why a browser cannot send this as an origin; null when it can. */
function faultOf(origin: string): string | null {
  if (origin === '*') return 'any page could use the API; list origins';
  if (origin === 'null' || origin.startsWith('file:')) {
    return 'a page from a file has no origin that could be told from others; serve it over HTTP';
  }
  if (!/^https?:/i.test(origin)) {
    return APP_ORIGIN.test(origin) ? null : 'expected a scheme and a host, such as https://app.example';
  }
  if (origin.includes('*')) return wildcardFaultOf(origin);
  if (!URL.canParse(origin)) return 'expected a scheme and a host, such as https://app.example';
  const { origin: expected } = new URL(origin);
  return expected === origin ? null : `browsers send it as ${expected}`;
}

function wildcardFaultOf(origin: string): string | null {
  const [, label = '', rest = ''] = /^https?:\/\/([^./]*)\.(.*)$/.exec(origin) ?? [];
  if (!/^[a-z0-9-]*\*[a-z0-9-]*$/.test(label) || rest.includes('*')) {
    return '* stands for one label of a host name, in its first place, as in https://*.app.example';
  }
  const plain = origin.replace('*', 'x');
  if (!rest.includes('.') || !URL.canParse(plain) || new URL(plain).origin !== plain) {
    return '* needs a domain of two labels or more behind it, as in https://*.app.example';
  }
  return null;
}
