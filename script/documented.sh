# shellcheck shell=bash disable=SC2154
#
# Sourced by script/package-check: commands of the documentation are run, word by
# word.  t/commands.t finds there which they are.


# documented file expression: the commands of the file whose first line matches
# the expression, with the lines that go on with it
documented() {
    awk -v first="$2" '
        /^    / {
            line = substr($0, 5)
            if (line ~ /^ /) { if (on) print line; next }
            on = line ~ first
            if (on) { print line; found = 1 }
            next
        }
        { on = 0 }
        END { exit !found }' "$1" \
        || fail "$1 has no command that matches $2" "look for it, and correct this script"
}


# documented_run file expression: runs these
documented_run() {
    local commands

    commands=$(documented "$1" "$2")
    bash -e -c "$commands" || fail "a command of $1 failed: $commands"
}


# The commands by which README.md gets to production.
readme_commands() {
    sed -n '/^## From a fresh Debian/,/^## A complete/s/^    //p' README.md
}


# readme_begin: the first of them, which needs a network
readme_begin() {
    local commands

    commands=$(readme_commands)

    if [ "$(grep -cv '^ ' <<< "$commands")" -gt 9 ] || ! grep -q '^curl ' <<< "$commands"; then
        fail "README.md does not get to production in less than ten commands" "its commands: $commands"
    fi

    quietly bash -e <<< "$(sed -n 1p <<< "$commands")" \
        || fail "the first command of README.md failed" "look at the lines above"
}


# readme_try: the others, as a new user does them, in front of a Pinterest with
# an address and a network of its own.
readme_try() {
    local commands ca=/usr/local/share/ca-certificates/pintag-check.crt files=$dir/readme saved
    local there

    commands=$(readme_commands)
    mkdir -p "$files/repository" /etc/nginx/ssl
    saved=$(mktemp -d)
    cp /etc/nginx/nginx.conf /etc/hosts "$saved/"
    tar -c --exclude=./build . | tar -x -C "$files/repository"

    # the stand-in's certificate, and the shop's, are of an authority that the system trusts
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=authority" \
        -keyout "$files/ca.key" -out $ca 2> /dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=pinterest" -keyout "$files/key.pem" \
        -out "$files/request.pem" 2> /dev/null
    openssl x509 -req -in "$files/request.pem" -CA $ca -CAkey "$files/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=DNS:ct.pinterest.com,DNS:api.pinterest.com,DNS:events.shop.example") \
        -out "$files/cert.pem" 2> /dev/null
    quietly update-ca-certificates
    cp "$files/cert.pem" /etc/nginx/ssl/shop.pem
    cp "$files/key.pem" /etc/nginx/ssl/shop.key

    printf '%s\n' '192.0.2.2 ct.pinterest.com api.pinterest.com' '127.0.0.1 events.shop.example' >> /etc/hosts
    unshare --net sleep 600 &
    there=$!
    wait_until no sh -c "[ /proc/$there/ns/net -ef /proc/self/ns/net ] && echo yes || echo no"
    ip link add v0 type veth peer name v1 netns $there
    ip addr add 192.0.2.1/24 dev v0
    ip link set v0 up
    nsenter --target $there --net ip addr add 192.0.2.2/24 dev v1
    nsenter --target $there --net ip link set v1 up

    cat > "$files/pinterest.conf" <<END
pid $dir/readme.pid;
error_log $files/error.log;
events { }
http {
    log_format line '\$host \$request_method \$uri \$http_authorization';
    access_log $files/pinterest.log line;
    ssl_certificate $files/cert.pem;
    ssl_certificate_key $files/key.pem;
    server {
        listen 192.0.2.2:443 ssl;
        server_name ct.pinterest.com;
        location = /v3/ { empty_gif; }
        location / { return 404; }
    }
    server {
        listen 192.0.2.2:443 ssl;
        server_name api.pinterest.com;
        default_type application/json;
        location = /v5/ad_accounts/4711/events {
            return 200 '{"num_events_received":1,"num_events_processed":1,"events":[{"status":"processed"}]}';
        }
        location / { return 404; }
    }
}
END
    nsenter --target $there --net /usr/sbin/nginx -c "$files/pinterest.conf"

    # what a person does, who edits, or types the token; nothing but init runs services here
    cat > "$files/commands" <<END
set -e
cd $files
sensible-editor() {
    sed -i 's/tagId: .*/tagId: "815"/; s/adAccountId: .*/adAccountId: "4711"/' /etc/nginx/integrations.yaml
    sed -i 's/shop-server-1/our-server-1/' /etc/nginx/nginx.conf
}
cat() { echo pina_of_the_readme; }
systemctl() { invoke-rc.d "\$2" "\$1"; sleep 1; }
$(sed '1d; s|<this repository>|repository|; s|shop-server-1|our-server-1|' <<< "$commands")
END
    sed -i "s|^git clone repository|git clone -q repository|" "$files/commands"
    git -C "$files/repository" init -q
    git -C "$files/repository" add -A
    git -C "$files/repository" -c user.name=a -c user.email=a@b.example commit -q -m a

    bash "$files/commands" > "$files/out" 2>&1 < /dev/null \
        || { tail -n 20 "$files/out" >&2; fail "what the README says does not get to production"; }

    if ! grep -q '^HTTP/1.1 202' "$files/out" \
       || ! grep -q '{"success":true,"received":1,"stored":1}$' "$files/out"; then
        tail -n 20 "$files/out" >&2
        fail "an event posted as the README says was not answered as it says"
    fi

    wait_until "$(printf '%s\n' 'api.pinterest.com POST /v5/ad_accounts/4711/events Bearer pina_of_the_readme' \
                                'ct.pinterest.com GET /v3/ -')" sort "$files/pinterest.log"
    ok "the README's $(grep -cv '^ ' <<< "$commands") commands get to production"

    kill -QUIT "$(cat "$dir/readme.pid")"
    kill $there
    wait $there || true
    cp "$saved/nginx.conf" /etc/nginx/
    cat "$saved/hosts" > /etc/hosts
    rm -rf $ca /etc/nginx/ssl /etc/nginx/integrations.yaml /etc/nginx/pinterest.token "$saved"
    quietly update-ca-certificates
    quietly invoke-rc.d nginx reload
    wait_until 200 curl -sS -m 10 -o /dev/null -w '%{http_code}' http://127.0.0.1/
    rm -rf "$spool"
    apt purge "$package"
}
