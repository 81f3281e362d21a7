/** English abbreviations written with a full stop, what they mean, and whether a sentence may end with them. */

/**
 * `title`: comes before a name; `inner`: comes before something else; `numbered`: has this meaning only before a number;
 * `final`: may be the last word of a sentence.
 */
export type AbbreviationKind = 'title' | 'inner' | 'numbered' | 'final';

const TABLE: Readonly<Record<AbbreviationKind, string>> = {
  title:
    'Dr=Doctor Mr=Mister Mrs=Missus Ms=Miz Messrs=Messieurs Prof=Professor Rev=Reverend Hon=Honorable Fr=Father Gen=General Col=Colonel Lt=Lieutenant Maj=Major Capt=Captain Cpl=Corporal Sgt=Sergeant Pvt=Private Adm=Admiral Cmdr=Commander Brig=Brigadier Sen=Senator Rep=Representative Gov=Governor Pres=President Supt=Superintendent Insp=Inspector Det=Detective Amb=Ambassador Mme=Madame Mlle=Mademoiselle Mt=Mount Ft=Fort Asst=Assistant Assoc=Associate Dir=Director Atty=Attorney',
  inner:
    'e.g=for_example i.e=that_is eg=for_example vs=versus v=versus cf=compare approx=approximately ca=circa c=circa viz=namely al=al dept=department Dept=Department est=established incl=including excl=excluding tel=telephone Tel=Telephone misc=miscellaneous govt=government Univ=University univ=university Mfg=Manufacturing Intl=International Natl=National Jan=January Feb=February Mar=March Apr=April Jun=June Jul=July Aug=August Sept=September Sep=September Oct=October Nov=November Dec=December',
  numbered:
    'No=Number no=number Nos=Numbers nos=numbers Vol=Volume vol=volume Vols=Volumes Fig=Figure fig=figure Figs=Figures figs=figures Ch=Chapter ch=chapter Sec=Section sec=section p=page pp=pages P=Page Pp=Pages Art=Article art=article Eq=Equation eq=equation Tab=Table Ex=Example ex=example para=paragraph Apt=Apartment apt=apartment Ste=Suite Rm=Room rm=room Bldg=Building Hwy=Highway Rte=Route ver=version Ver=Version ed=edition Op=Opus op=opus Ep=Episode ep=episode Pt=Part pt=part',
  final:
    'etc=et_cetera Inc=Incorporated Ltd=Limited Corp=Corporation Co=Company Bros=Brothers Jr=Junior Sr=Senior Esq=Esquire St=Street Ave=Avenue Rd=Road Blvd=Boulevard Ln=Lane Ct=Court Pl=Place Sq=Square Pkwy=Parkway Ter=Terrace max=maximum min=minimum avg=average Ctr=Center Calif=California Fla=Florida yr=year yrs=years',
};

export interface Abbreviation {
  readonly meaning: string;
  readonly kind: AbbreviationKind;
}

/** Keyed by the word without its full stop. */
export const ABBREVIATIONS: ReadonlyMap<string, Abbreviation> = new Map(
  Object.entries(TABLE).flatMap(([kind, entries]) =>
    entries.split(' ').map((entry): [string, Abbreviation] => {
      const [word = '', meaning = ''] = entry.split('=');
      return [word, { meaning: meaning.replaceAll('_', ' '), kind: kind as AbbreviationKind }];
    }),
  ),
);
