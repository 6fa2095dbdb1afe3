# mod.sh NAME SO PORT
d=/tmp/bench/$1; mkdir -p $d/logs $d/temp
cat > $d/api.yaml <<Y
- name: pinterest
  config:
    adAccountId: "549755885175"
    accessToken: pina_1
Y
cat > $d/tag.yaml <<Y
- name: pinterest
  config:
    tagId: "2612826764086"
Y
API=""
[ "$1" = new ] && API="location /api { pintag_integrations $d/api.yaml; pintag_pass /p; }"
cat > $d/nginx.conf <<C
load_module $2;
user root;
worker_processes 1; worker_cpu_affinity 01;
pid $d/nginx.pid; error_log $d/logs/error.log error;
events { worker_connections 4096; }
http {
 access_log off; keepalive_requests 10000000;
 client_body_temp_path $d/temp/b; proxy_temp_path $d/temp/p; fastcgi_temp_path $d/temp/f; uwsgi_temp_path $d/temp/u; scgi_temp_path $d/temp/s;
 upstream up { server 127.0.0.1:19100; keepalive 64; }
 upstream upapi { server 127.0.0.1:19101; keepalive 64; }
 server { listen 127.0.0.1:$3 reuseport;
  location /tag { pintag_integrations $d/tag.yaml; pintag_pass /p; }
  $API
  location = /pixel { proxy_method GET; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://up/v3/?tid=1&noscript=1&event=checkout; proxy_http_version 1.1; proxy_set_header Connection ""; }
  location = /bare { proxy_pass http://up/v3/; proxy_http_version 1.1; proxy_set_header Connection ""; }
  location /p/v3/ { internal; proxy_pass http://up/v3/; proxy_http_version 1.1; proxy_set_header Connection ""; }
  location /p/v5/ { internal; proxy_pass http://upapi/v5/; proxy_http_version 1.1; proxy_set_header Connection ""; }
 }
}
C
nginx -p $d/ -c $d/nginx.conf
