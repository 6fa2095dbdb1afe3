// What looks personal.  The module has the last word: an entry may add names
// (piiProperties) and take some off (piiAllow).

const LISTED = new Set(('email emailaddress mail phone phonenumber mobile telephone firstname lastname fullname givenname '
    + 'familyname surname username login password passwd pwd secret token birthday birthdate dateofbirth dob gender age '
    + 'address street streetaddress city state zip zipcode postalcode postcode ssn socialsecuritynumber nationalid passport '
    + 'taxid iban creditcard cardnumber cvv ip ipaddress latitude longitude em hem hashedemail emailhash emailsha256 '
    + 'emailmd5').split(' '));

// of these, what is personal as the last words of a name, too: customerPhone
const ENDINGS = new Set(('email emailaddress mail phone mobile telephone firstname lastname fullname givenname familyname '
    + 'surname address street zip postalcode postcode password secret birthday birthdate cardnumber ssn iban passport').split(' '));

const PERSONS = new Set('user customer contact person profile billing shipping recipient'.split(' '));

// A word begins behind a separator; in camelCase at a capital behind a small letter or
// a digit, or behind a capital where a small letter follows: customerPHONE, HTTPPhone.
const WORD = /(?<=[_\- ])[a-z0-9]|(?<=[_\- a-z0-9\u0080-\uffff])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g;

// "logo@2x.png" is the name of an image
const EMAIL = new RegExp('[A-Za-z0-9._%+\'\\u0080-\\uffff-]@(?!\\d+[xX]\\.)'
    + '(?:[A-Za-z0-9\\u0080-\\uffff-]+\\.)+(?:[A-Za-z]{2}|[A-Za-z]?[\\u0080-\\uffff])');


export const fold = name => name.toLowerCase().replace(/[_\- ]/g, '');


export function personalName(name, ofPerson = false) {
    return LISTED.has(fold(name)) || ofPerson && fold(name) === 'name'
           || [...name.matchAll(WORD)].some(({ index }) => ENDINGS.has(fold(name.slice(index))));
}


// also where it was percent-encoded, up to three times
export function holdsEmail(text) {
    for (let i = 0; i < 4; i++) {
        if (EMAIL.test(text)) {
            return true;
        }

        text = text.replace(/(?:%[0-9A-Fa-f]{2})+/g, part =>
            new TextDecoder().decode(Uint8Array.from(part.slice(1).split('%'), hex => parseInt(hex, 16))));
    }

    return false;
}


// names of a path: "properties.products[0].name" is properties, products, name
export const namesOf = path => path.replace(/\[\d+\]/g, '').split('.').filter(Boolean);


// Why a leaf counts as personal, '' when it does not.
export function whyPersonal({ path, value }) {
    const names = namesOf(path);
    const person = names.findIndex(name => PERSONS.has(fold(name)));
    const i = names.findIndex((name, i) => personalName(name, person >= 0 && person < i));

    return i >= 0 ? `personal by its name, ${names[i]}`
           : holdsEmail(path) || holdsEmail(String(value)) ? 'holds an e-mail address' : '';
}
