// What looks personal.  The module has the last word: an entry may add names
// (piiProperties) and take some off (piiAllow).

const LISTED = new Set(('email emailaddress mail phone phonenumber mobile telephone firstname lastname fullname givenname '
    + 'familyname surname username login password passwd pwd secret token birthday birthdate dateofbirth dob gender age '
    + 'address street streetaddress city state zip zipcode postalcode postcode ssn socialsecuritynumber nationalid passport '
    + 'taxid iban creditcard cardnumber cvv ip ipaddress latitude longitude em hem hashedemail emailhash emailsha256 '
    + 'emailmd5').split(' '));

const ENDINGS = new RegExp('(?:^| )(?:e?mail|phone|mobile|telephone|(?:first|last|full|given|family) name|surname|address|'
    + 'street|zip|post ?code|postal code|password|secret|birthday|birth date|card number|ssn|iban|passport)$');

const PERSONS = new Set('user customer contact person profile billing shipping recipient'.split(' '));

const EMAIL = /[A-Za-z0-9._%+'-]+@(?!\dx)[A-Za-z0-9\u0080-\uffff-]+(?:\.[A-Za-z0-9\u0080-\uffff-]+)*\.[A-Za-z\u0080-\uffff]{2,}/;


export const fold = name => name.toLowerCase().replace(/[_\- ]/g, '');
const words = name => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').trim().toLowerCase();


export function personalName(name, within) {
    return LISTED.has(fold(name)) || ENDINGS.test(words(name))
           || fold(name) === 'name' && within !== undefined && PERSONS.has(fold(within));
}


// also where it was percent-encoded, up to three times
export function holdsEmail(text) {
    for (let i = 0; i < 4; i++) {
        if (EMAIL.test(text)) {
            return true;
        }

        const next = text.replace(/(?:%[0-9A-Fa-f]{2})+/g, part => {
            try {
                return decodeURIComponent(part);
            } catch {
                return part;
            }
        });

        if (next === text) {
            return false;
        }

        text = next;
    }

    return false;
}


// names of a path: "properties.products[0].name" is properties, products, name
export const namesOf = path => path.replace(/\[\d+\]/g, '').split('.').filter(Boolean);


// Why a leaf counts as personal, '' when it does not.
export function whyPersonal({ path, value }) {
    const names = namesOf(path);
    const i = names.findIndex((name, i) => personalName(name, names[i - 1]));

    return i >= 0 ? `personal by its name, ${names[i]}`
           : holdsEmail(String(value)) ? 'holds an e-mail address' : '';
}
