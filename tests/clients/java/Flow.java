// The whole life of an invitation through Google's own Java client, unmodified: what the generated Calendar
// service does with each call (gzip on every write, PATCH as an overridden POST) its base classes do here.
//
//   java Flow.java http://127.0.0.1:8365 TOKEN-OF-ALICE TOKEN-OF-BOB
//
// One line for each step; the first that fails ends the program with its request and 1.

import com.google.api.client.auth.oauth2.BearerToken;
import com.google.api.client.auth.oauth2.Credential;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.googleapis.services.json.AbstractGoogleJsonClient;
import com.google.api.client.googleapis.services.json.AbstractGoogleJsonClientRequest;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.GenericJson;
import com.google.api.client.json.gson.GsonFactory;
import java.util.List;
import java.util.Map;

public class Flow {
    static final class Calendar extends AbstractGoogleJsonClient {
        static final class Builder extends AbstractGoogleJsonClient.Builder {
            Builder(String root, String token) {
                super(new NetHttpTransport(), new GsonFactory(), root + "/", "calendar/v3/",
                    new Credential(BearerToken.authorizationHeaderAccessMethod()).setAccessToken(token), false);
                setApplicationName("rsvpd-test");
            }

            @Override
            public Calendar build() {
                return new Calendar(this);
            }
        }

        Calendar(Builder builder) {
            super(builder);
        }

        Call call(String method, String path, Map<String, Object> body) {
            return new Call(this, method, path, body == null ? null : json(body));
        }
    }

    public static final class Call extends AbstractGoogleJsonClientRequest<GenericJson> {
        Call(Calendar calendar, String method, String path, GenericJson body) {
            super(calendar, method, path, body, GenericJson.class);
        }
    }

    static GenericJson json(Map<String, Object> members) {
        GenericJson made = new GenericJson();
        made.putAll(members);
        return made;
    }

    static Map<String, Object> at(String time) {
        return Map.of("dateTime", "2030-03-0" + time + ":00+01:00", "timeZone", "Europe/Berlin");
    }

    static void expect(String step, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            System.out.println("FAILED " + step + ": " + found + " instead of " + wanted);
            System.exit(1);
        }
        System.out.println("ok " + step);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> guest(Map<String, Object> event, String address) {
        for (Map<String, Object> one : (List<Map<String, Object>>) event.get("attendees")) {
            if (address.equals(one.get("email"))) {
                return one;
            }
        }
        return Map.of();
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] args) throws Exception {
        Calendar alice = new Calendar.Builder(args[0], args[1]).build();
        Calendar bob = new Calendar.Builder(args[0], args[2]).build();
        String events = "calendars/primary/events";

        GenericJson made = alice.call("POST", events + "?sendUpdates=all", Map.of(
            "summary", "Quarter plan", "start", at("1T10:00"), "end", at("1T11:00"),
            "attendees", List.of(Map.of("email", "bob@example.com"), Map.of("email", "carol@example.com")))).execute();
        expect("alice invites", "confirmed", made.get("status"));

        GenericJson list = bob.call("GET", events + "?iCalUID=" + made.get("iCalUID"), null).execute();
        Map<String, Object> copy = ((List<Map<String, Object>>) list.get("items")).get(0);
        String one = events + "/" + copy.get("id");
        expect("bob is asked", "needsAction", guest(copy, "bob@example.com").get("responseStatus"));

        for (String answer : List.of("accepted", "tentative", "declined", "accepted")) {
            bob.call("PATCH", one + "?sendUpdates=all", Map.of("attendeesOmitted", true, "attendees", List.of(
                Map.of("email", "bob@example.com", "responseStatus", answer, "comment", "I say " + answer)))).execute();
            GenericJson seen = alice.call("GET", events + "/" + made.get("id"), null).execute();
            expect("alice sees " + answer, answer, guest(seen, "bob@example.com").get("responseStatus"));
            expect("with the comment", "I say " + answer, guest(seen, "bob@example.com").get("comment"));
        }

        GenericJson moved = alice.call("GET", events + "/" + made.get("id"), null).execute();
        moved.put("start", json(at("2T10:00")));
        moved.put("end", json(at("2T11:00")));
        alice.call("PUT", events + "/" + made.get("id") + "?sendUpdates=all", moved).execute();
        expect("bob is asked again", "needsAction",
            guest(bob.call("GET", one, null).execute(), "bob@example.com").get("responseStatus"));

        alice.call("DELETE", events + "/" + made.get("id") + "?sendUpdates=all", null).executeUnparsed().disconnect();
        expect("it is called off", "cancelled", bob.call("GET", one, null).execute().get("status"));
        try {
            bob.call("GET", events + "/nothing", null).execute();
            expect("an unknown event", 404, 200);
        } catch (GoogleJsonResponseException wrong) {
            expect("an unknown event", "notFound", wrong.getDetails().getErrors().get(0).getReason());
        }
    }
}
